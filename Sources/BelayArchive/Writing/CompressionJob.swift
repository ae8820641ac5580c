import Synchronization
import SystemPackage

/// What compresses one member, apart from the object that feeds it: the thread holds this and the queue only, so that a
/// writer nobody wants any more can end its thread.
final class CompressionJob: Sendable {
  typealias Outcome = Result<MemberCompressor.Stored, ArchiveError>

  let file: FilePath
  let compression: Compression
  let level: Int
  /// The member's name is for messages.
  private let encryptor: (any MemberEncryptor)?
  private let name: String
  private let result = Mutex<Outcome?>(nil)

  /// - Parameter encryptor: nil: it is staged, and stored, in clear.
  init(name: String, file: FilePath, compression: Compression, level: Int, encryptor: (any MemberEncryptor)?) {
    self.name = name
    self.encryptor = encryptor
    self.file = file
    self.compression = compression
    self.level = level
  }

  /// Set when `run` is over.
  var outcome: Outcome? { result.withLock { $0 } }

  /// Compresses the chunks that `next` returns, until it returns nil.
  ///
  /// - Parameters:
  ///   - next: returns the chunks in order; an error ends the member.
  ///   - done: gets each chunk back.
  func run(next: () throws(ArchiveError) -> Chunk?, done: (Chunk) -> Void) {
    let outcome: Outcome
    do throws(ArchiveError) {
      let compressor = try MemberCompressor(staged(), compression: compression, level: level)
      while let chunk = try next() {
        try compressor.write(chunk.bytes)
        done(chunk)
      }
      outcome = .success(try compressor.finish())
    } catch {
      outcome = .failure(error)
    }
    result.withLock { $0 = outcome }
  }

  private func staged() throws(ArchiveError) -> HashedFile {
    guard let encryptor else { return try HashedFile(creating: file) }
    return try EncryptedFile(creating: file, encryptor.encrypting(name, path: file.string))
  }

  /// Runs on the queue's chunks; the producer learns of a failure at its next push.
  func run(_ queue: ChunkQueue) {
    run(next: { () throws(ArchiveError) in try queue.pop() }, done: queue.recycle)
    if case .failure(let error) = outcome { queue.fail(error) }
  }
}
