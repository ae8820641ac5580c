/// A number that stands for bytes, and is the same in every process, unlike Swift's own hash: for the name of a scratch
/// database that must be found again, for the number of a lock, for comparing two readings.
///
/// FNV-1a of 64 bits (Fowler, Noll, Vo: draft-eastlake-fnv). It tells apart what differs by chance, not what somebody makes
/// alike by design.
public struct Fingerprint: Sendable, Hashable {
  @usableFromInline var state: UInt64 = 0xcbf2_9ce4_8422_2325

  /// Of what was added so far.
  public var value: UInt64 { state }

  /// Of nothing yet.
  @inlinable
  public init() {}

  /// Of a text's UTF-8.
  @inlinable
  public init(of text: String) { add(text.utf8) }

  /// One byte more.
  @inlinable
  public mutating func add(_ byte: UInt8) { state = (state ^ UInt64(byte)) &* 0x100_0000_01b3 }

  /// Bytes more; in what pieces they come makes no difference.
  @inlinable
  public mutating func add(_ bytes: some Sequence<UInt8>) { for byte in bytes { add(byte) } }

  /// Its eight bytes, the lowest first.
  @inlinable
  public mutating func add(_ number: UInt64) {
    for shift in stride(from: 0, to: UInt64(64), by: 8) { add(UInt8(truncatingIfNeeded: number >> shift)) }
  }
}
