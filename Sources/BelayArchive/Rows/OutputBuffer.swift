import Glibc

/// Bytes that an encoder has made and nobody has fetched yet. Used by one thread at a time.
///
/// A class over raw memory, since every cell of a database passes through here: no array, no reference counting, no
/// bounds check per byte. `reserve` first, then the `put` functions, which do not check.
final class OutputBuffer {
  private var base: UnsafeMutablePointer<UInt8>
  private(set) var count = 0
  private var capacity: Int
  /// What is kept between drains; a single huge row is given back to the system.
  private static let usualCapacity = 2 << 20

  init() {
    capacity = 64 << 10
    base = OutputBuffer.resized(nil, capacity)
  }

  deinit { free(base) }

  /// Where the next byte goes.
  var end: UnsafeMutablePointer<UInt8> { base + count }

  /// Makes room for `room` more bytes.
  func reserve(_ room: Int) {
    if capacity - count < room { grow(room) }
  }

  private func grow(_ room: Int) {
    capacity = max(count + room, capacity + min(capacity, 16 << 20))
    base = OutputBuffer.resized(base, capacity)
  }

  private static func resized(_ old: UnsafeMutablePointer<UInt8>?, _ size: Int) -> UnsafeMutablePointer<UInt8> {
    guard let memory = realloc(old, size) else {
      // As everywhere in Swift, the process ends if it runs out of memory, and the front takes over.
      fatalError("out of memory")
    }
    return memory.assumingMemoryBound(to: UInt8.self)
  }

  func put(_ byte: UInt8) {
    base[count] = byte
    count += 1
  }

  func put(_ bytes: UnsafePointer<UInt8>, _ length: Int) {
    memcpy(base + count, bytes, length)
    count += length
  }

  /// Says that `length` bytes were written at `end`.
  func advance(_ length: Int) { count += length }

  /// Reserves by itself.
  func append(_ bytes: [UInt8]) {
    reserve(bytes.count)
    bytes.withUnsafeBufferPointer { bytes in
      if let start = bytes.baseAddress { put(start, bytes.count) }
    }
  }

  /// Reserves by itself.
  func append(_ text: StaticString) {
    reserve(text.utf8CodeUnitCount)
    put(text.utf8Start, text.utf8CodeUnitCount)
  }

  /// Puts `bytes` in front of everything from `position` on, in place of the `replaced` bytes before it.
  func insert(_ bytes: [UInt8], at position: Int, replacing replaced: Int) {
    let start = position - replaced
    let growth = bytes.count - replaced
    reserve(max(growth, 0))
    memmove(base + start + bytes.count, base + position, count - position)
    bytes.withUnsafeBufferPointer { bytes in
      if let from = bytes.baseAddress { memcpy(base + start, from, bytes.count) }
    }
    count += growth
  }

  /// Hands all bytes to `body`; they are gone afterwards, unless it throws.
  func drain(_ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
    guard count > 0 else { return }
    try body(UnsafeRawBufferPointer(start: base, count: count))
    count = 0
    if capacity > OutputBuffer.usualCapacity * 2 {
      capacity = OutputBuffer.usualCapacity
      base = OutputBuffer.resized(base, capacity)
    }
  }
}
