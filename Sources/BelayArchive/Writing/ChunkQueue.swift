/// Between the thread that makes bytes and the one that compresses them. Bounded: when the compressor is behind, the
/// producer waits, and memory does not grow with the database.
final class ChunkQueue: Sendable {
  /// With the chunk being filled and the one being compressed, 3 MiB a member.
  private static let limit = 4

  private struct State {
    var waiting: [Chunk] = []
    var spare: [Chunk] = []
    var isClosed = false
    /// Why nothing more is compressed.
    var failure: ArchiveError?
  }

  private let state = Monitor(State())

  /// An empty chunk, used before if possible.
  func empty() -> Chunk {
    state.withLock { $0.spare.popLast() } ?? Chunk()
  }

  /// Passes on a chunk; waits while the queue is full. If the compressor has stopped, throws its error.
  func push(_ chunk: Chunk) throws(ArchiveError) {
    let failure = state.wait(
      until: { $0.waiting.count < ChunkQueue.limit || $0.failure != nil },
      { state -> ArchiveError? in
        if state.failure == nil { state.waiting.append(chunk) }
        return state.failure
      })
    if let failure { throw failure }
  }

  /// The next chunk; waits for it. Nil when all have been taken and no more will come. Throws when the rest is not wanted
  /// any more: a member that was given up must not look like a finished one.
  func pop() throws(ArchiveError) -> Chunk? {
    let next = state.wait(
      until: { !$0.waiting.isEmpty || $0.isClosed || $0.failure != nil },
      { state -> Result<Chunk?, ArchiveError> in
        if let failure = state.failure { return .failure(failure) }
        return .success(state.waiting.isEmpty ? nil : state.waiting.removeFirst())
      })
    return try next.get()
  }

  /// Gives a chunk back that has been compressed.
  func recycle(_ chunk: Chunk) {
    chunk.clear()
    state.withLock { $0.spare.append(chunk) }
  }

  /// No more chunks will come; those that wait are still compressed.
  func close() { state.withLock { $0.isClosed = true } }

  /// Nothing more is compressed, and whatever waits is dropped. Both sides learn why at their next call.
  func fail(_ error: ArchiveError) {
    state.withLock { state in
      state.failure = state.failure ?? error
      state.waiting = []
    }
  }
}
