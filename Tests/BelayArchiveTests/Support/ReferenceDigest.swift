import Crypto

/// The digest of `rows` as its definition reads, byte for byte and without any thought of speed.
func reference(_ rows: [[Cell]]) -> String {
  var sum = [UInt8](repeating: 0, count: 32)
  for row in rows {
    let hash = Array(SHA256.hash(data: row.flatMap(canonical)))
    var carry = 0
    for index in (0..<32).reversed() {
      carry += Int(sum[index]) + Int(hash[index])
      sum[index] = UInt8(carry & 255)
      carry >>= 8
    }
  }
  return sum.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
}

private func canonical(_ cell: Cell) -> [UInt8] {
  func eight(_ value: UInt64) -> [UInt8] { (0..<8).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) } }
  func long(_ bytes: [UInt8]) -> [UInt8] { eight(UInt64(bytes.count)) + bytes }
  switch cell {
  case .null: return [0]
  case .bool(let value): return [1] + eight(value ? 1 : 0)
  case .integer(let value): return [2] + eight(UInt64(bitPattern: value))
  case .real(let value): return [3] + eight(value.isNaN ? 0x7ff8_0000_0000_0000 : value.bitPattern)
  case .text(let value): return [4] + long(Array(value.utf8))
  case .textBytes(let value): return [4] + long(value)
  case .blob(let value): return [5] + long(value)
  case .native(let value): return [6] + long(Array(value.utf8))
  }
}
