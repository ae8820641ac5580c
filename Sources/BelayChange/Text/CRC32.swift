/// CRC-32 as zlib computes it.
struct CRC32 {
  private var sum = UInt32.max

  var value: UInt32 { ~sum }

  mutating func add(_ byte: UInt8) { sum = (sum >> 8) ^ Self.table[Int((sum ^ UInt32(byte)) & 0xFF)] }

  static func of(_ bytes: some Sequence<UInt8>) -> UInt32 {
    var checksum = CRC32()
    for byte in bytes { checksum.add(byte) }
    return checksum.value
  }

  private static let table: [UInt32] = (0..<256).map { (index: UInt32) in
    (0..<8).reduce(index) { value, _ in value & 1 == 1 ? (value >> 1) ^ 0xEDB8_8320 : value >> 1 }
  }
}
