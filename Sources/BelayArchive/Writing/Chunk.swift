/// A piece of memory on its way from the thread that makes bytes to the thread that compresses them.
final class Chunk: @unchecked Sendable {
  // Unchecked: it belongs to one thread at a time, and is passed on only through a ChunkQueue.
  static let capacity = 512 << 10

  private let memory: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init() { memory = .allocate(byteCount: Chunk.capacity, alignment: 16) }

  deinit { memory.deallocate() }

  var isFull: Bool { count == Chunk.capacity }

  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  func clear() { count = 0 }

  /// Takes as much of `source` as fits; returns how many bytes that was.
  func take(_ source: UnsafeRawBufferPointer) -> Int {
    let taken = min(source.count, Chunk.capacity - count)
    guard taken > 0, let to = memory.baseAddress, let from = source.baseAddress else { return 0 }
    to.advanced(by: count).copyMemory(from: from, byteCount: taken)
    count += taken
    return taken
  }
}
