import BelaySystem
import Synchronization
import SystemPackage

/// One member while it is written: bytes in, compressed on a thread of its own.
///
/// Write and finish from one thread at a time, whichever that is. A member that fits one chunk is compressed by
/// `finish`, without a thread: a database has hundreds of small tables.
package final class MemberWriter: Sendable {
  /// With the suffixes of its compression and encryption.
  package let name: String

  private let job: CompressionJob
  private let queue = ChunkQueue()
  private let state = Mutex(State())

  private struct State: Sendable {
    var chunk: Chunk?
    var thread: JoinableThread?
    var isOver = false
  }

  init(
    name: String, file: FilePath, compression: Compression, level: Int, encryptor: (any MemberEncryptor)? = nil
  ) {
    self.name = name
    job = CompressionJob(name: name, file: file, compression: compression, level: level, encryptor: encryptor)
  }

  deinit { abandon() }

  /// Takes all bytes or throws. They are copied: the caller's memory is its own again on return. Waits while the
  /// compressor is some MiB behind. A failure of the compressor comes out of a later call, `finish` at the latest.
  package func write(_ bytes: UnsafeRawBufferPointer) throws(ArchiveError) {
    try locked { state throws(ArchiveError) in
      if state.isOver { throw over() }
      var rest = bytes
      while !rest.isEmpty {
        let chunk = state.chunk ?? queue.empty()
        state.chunk = chunk
        rest = UnsafeRawBufferPointer(rebasing: rest[chunk.take(rest)...])
        guard chunk.isFull else { continue }
        state.chunk = nil
        try startThread(&state)
        try queue.push(chunk)
      }
    }
  }

  /// Takes the UTF-8 of `text`, as `write` of bytes does.
  package func write(_ text: String) throws(ArchiveError) {
    let bytes = Array(text.utf8)
    // The closure that lends an array's memory cannot throw a typed error.
    let outcome = bytes.withUnsafeBytes { bytes -> Result<Void, ArchiveError> in
      do throws(ArchiveError) {
        return .success(try write(bytes))
      } catch {
        return .failure(error)
      }
    }
    try outcome.get()
  }

  /// Waits until everything is compressed and in the staged file. Calling it again changes nothing.
  package func finish() throws(ArchiveError) {
    try locked { state throws(ArchiveError) in
      if !state.isOver {
        state.isOver = true
        finish(&state)
      }
      if case .failure(let error) = job.outcome { throw error }
      if job.outcome == nil { throw over() }
    }
  }

  /// What is stored, once it is finished.
  var stored: MemberCompressor.Stored? { try? job.outcome?.get() }

  /// Stops immediately and discards what was not compressed yet. The file stays: the creator of the folder removes it.
  func abandon() {
    queue.fail(over())
    state.withLock { state in
      state.isOver = true
      state.thread?.join()
      state.thread = nil
      state.chunk = nil
    }
  }

  private func startThread(_ state: inout State) throws(ArchiveError) {
    guard state.thread == nil else { return }
    state.thread = JoinableThread { [job, queue] in job.run(queue) }
    if state.thread == nil {
      throw ArchiveError(
        .io, path: job.file.string, member: name, "cannot start a thread to compress \(name)",
        hint: SystemLimit.noThread)
    }
  }

  private func finish(_ state: inout State) {
    let last = state.chunk
    state.chunk = nil
    if let thread = state.thread {
      // A failed push needs no word here: the job's outcome says the same.
      if let last { try? queue.push(last) }
      queue.close()
      thread.join()
      state.thread = nil
    } else {
      var chunks = last.map { [$0] } ?? []
      job.run(next: { chunks.popLast() }, done: { _ in })
    }
  }

  private func over() -> ArchiveError {
    ArchiveError(.cancelled, path: job.file.string, member: name, "\(name) is finished or cancelled")
  }

  /// `Mutex.withLock` carries a typed error through.
  private func locked<Result>(
    _ body: (inout State) throws(ArchiveError) -> sending Result
  ) throws(ArchiveError) -> sending Result {
    try state.withLock { state throws(ArchiveError) in try body(&state) }
  }
}
