import BelayRows
import Glibc

private let base64Digits: StaticString = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

extension OutputBuffer {
  /// Decimal digits. Reserves by itself.
  func append(_ value: Int64) {
    reserve(20)
    var rest = value.magnitude
    if value < 0 { put(UInt8(ascii: "-")) }
    var length = 1
    var bound: UInt64 = 10
    while length < 19, rest >= bound {
      length += 1
      bound *= 10
    }
    let start = end
    var index = length
    while index > 0 {
      index -= 1
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      start[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
      rest = quotient
    }
    advance(length)
  }

  /// The shortest decimal that reads back as `value`, with a `.` or an `e` in it. `value` is finite. Reserves by itself.
  func append(shortest value: Double) {
    if let decimal = ShortDecimal(value) {
      append(decimal)
      return
    }
    var text = value.description
    text.withUTF8 { bytes in
      reserve(bytes.count)
      if let start = bytes.baseAddress { put(start, bytes.count) }
    }
  }

  func append(_ decimal: ShortDecimal) {
    if decimal.isNegative { append("-") }
    let (whole, fraction) = decimal.digits.magnitude.quotientAndRemainder(dividingBy: decimal.scale)
    append(Int64(whole))
    append(".")
    reserve(decimal.places)
    var rest = fraction
    for index in (0..<decimal.places).reversed() {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      end[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: digit)
      rest = quotient
    }
    advance(decimal.places)
  }

  /// Two lower-case hex digits a byte. Reserves by itself.
  func append(hex bytes: UnsafeRawBufferPointer) {
    reserve(bytes.count * 2)
    var to = end
    for byte in bytes {
      to[0] = Hex.digit(byte >> 4)
      to[1] = Hex.digit(byte & 15)
      to += 2
    }
    advance(bytes.count * 2)
  }

  /// Base64 with padding. Reserves by itself.
  func append(base64 bytes: UnsafeRawBufferPointer) {
    let digits = base64Digits.utf8Start
    let length = (bytes.count + 2) / 3 * 4
    reserve(length)
    var to = end
    var index = 0
    while index < bytes.count {
      let left = bytes.count - index
      let first = UInt32(bytes[index])
      let second = left > 1 ? UInt32(bytes[index + 1]) : 0
      let third = left > 2 ? UInt32(bytes[index + 2]) : 0
      let group = first << 16 | second << 8 | third
      to[0] = digits[Int(group >> 18)]
      to[1] = digits[Int(group >> 12 & 63)]
      to[2] = left > 1 ? digits[Int(group >> 6 & 63)] : UInt8(ascii: "=")
      to[3] = left > 2 ? digits[Int(group & 63)] : UInt8(ascii: "=")
      to += 4
      index += 3
    }
    advance(length)
  }

  /// `bytes` between two `quote`s, those within doubled. Reserves by itself.
  func append(_ bytes: UnsafeRawBufferPointer, quotedBy quote: UInt8) {
    reserve(bytes.count * 2 + 2)
    put(quote)
    if var from = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) {
      var left = bytes.count
      while left > 0, let found = memchr(from, CInt(quote), left) {
        let length = found - UnsafeMutableRawPointer(mutating: from) + 1
        put(from, length)
        put(quote)
        from += length
        left -= length
      }
      put(from, left)
    }
    put(quote)
  }
}
