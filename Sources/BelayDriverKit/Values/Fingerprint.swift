/// A hash of bytes that is the same in every process, unlike Swift's own: for the name of a scratch database that must
/// be found again, for the number of a lock, for comparing two readings.
///
/// FNV-1a with 64 bits (Fowler, Noll, Vo: draft-eastlake-fnv). It detects accidental differences, not collisions that
/// somebody makes on purpose.
public struct Fingerprint: Sendable, Hashable {
  @usableFromInline var state: UInt64 = 0xcbf2_9ce4_8422_2325

  /// The hash of what was added so far.
  public var value: UInt64 { state }

  /// The hash of no bytes.
  @inlinable
  public init() {}

  /// The hash of a text's UTF-8.
  @inlinable
  public init(of text: String) { add(text.utf8) }

  /// Adds one byte.
  @inlinable
  public mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }

  /// Adds bytes; how they are divided into pieces makes no difference.
  @inlinable
  public mutating func add(_ bytes: some Sequence<UInt8>) { for byte in bytes { add(byte) } }

  /// Adds the eight bytes of a number, the lowest first.
  @inlinable
  public mutating func add(_ number: UInt64) {
    for shift in stride(from: 0, to: UInt64(64), by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) }
  }
}
