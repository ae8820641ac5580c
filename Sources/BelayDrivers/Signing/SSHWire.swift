/// Reads the binary form of OpenSSH's keys and signatures (RFC 4251, section 5).
struct SSHWire {
  private var rest: ArraySlice<UInt8>

  /// The bytes end too early.
  struct Short: Error {}

  init(_ bytes: [UInt8]) { rest = bytes[...] }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func bytes(_ count: Int) throws(Short) -> [UInt8] {
    guard count <= rest.count else { throw Short() }
    defer { rest = rest.dropFirst(count) }
    return Array(rest.prefix(count))
  }

  mutating func number() throws(Short) -> UInt32 {
    try bytes(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// A length, then that many bytes.
  mutating func string() throws(Short) -> [UInt8] { try bytes(Int(try number())) }

  mutating func text() throws(Short) -> String { String(decoding: try string(), as: UTF8.self) }

  /// Writes a length and the bytes.
  static func string(_ bytes: [UInt8]) -> [UInt8] {
    let count = UInt32(truncatingIfNeeded: bytes.count)
    return [
      UInt8(truncatingIfNeeded: count >> 24), UInt8(truncatingIfNeeded: count >> 16),
      UInt8(truncatingIfNeeded: count >> 8), UInt8(truncatingIfNeeded: count),
    ] + bytes
  }
}
