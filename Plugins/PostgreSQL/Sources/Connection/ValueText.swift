import BelayDriverKit

/// Parses the server's text of a value into the host's cell.
struct ValueText {
  let form: ColumnType.Form
  /// Values larger than this are lent to the host instead of copied, which is cheaper.
  private static let lendingThreshold = 32 << 10

  /// `bytes` are changed in place, and are valid until the end of the row.
  @inline(__always)
  func write(_ bytes: UnsafeMutableRawBufferPointer, into rows: RowWriter) throws(DriverFailure) {
    switch form {
    case .integer:
      guard let value = Self.integer(bytes) else { throw Self.unreadable("whole number", bytes) }
      rows.integer(value)
    case .bool: rows.bool(bytes.first == UInt8(ascii: "t"))
    case .real: rows.real(try Self.real(bytes))
    case .text:
      let bytes = UnsafeRawBufferPointer(bytes)
      if bytes.count > Self.lendingThreshold { try rows.lendText(bytes) } else { try rows.text(bytes) }
    case .bytes:
      let bytes = try Self.decodedHex(bytes)
      if bytes.count > Self.lendingThreshold { try rows.lendBlob(bytes) } else { try rows.blob(bytes) }
    case .native: try rows.native(UnsafeRawBufferPointer(bytes))
    }
  }

  /// nil where it is none, or too large.
  @inline(__always)
  static func integer(_ bytes: UnsafeMutableRawBufferPointer) -> Int64? {
    let isNegative = bytes.first == UInt8(ascii: "-")
    var index = isNegative ? 1 : 0
    guard bytes.count > index, bytes.count <= index + 19 else { return nil }
    // 19 digits always fit.
    var value: UInt64 = 0
    while index < bytes.count {
      let digit = bytes[index] &- UInt8(ascii: "0")
      guard digit < 10 else { return nil }
      value = value &* 10 &+ UInt64(digit)
      index += 1
    }
    if isNegative { return value <= 1 << 63 ? Int64(truncatingIfNeeded: 0 &- value) : nil }
    return Int64(exactly: value)
  }

  static func real(_ bytes: UnsafeMutableRawBufferPointer) throws(DriverFailure) -> Double {
    if let value = shortReal(bytes) { return value }
    let text = String(decoding: bytes, as: UTF8.self)
    switch text {
    case "NaN": return .nan
    case "Infinity": return .infinity
    case "-Infinity": return -.infinity
    default: break
    }
    guard let value = Double(text) else { throw unreadable("real", bytes) }
    return value
  }

  /// A decimal without exponent, of at most 19 digits, which is what the server usually writes. nil for all others.
  ///
  /// The digits are divided by their power of ten to more bits than a double has; a remainder sets the lowest bit, so
  /// that the single rounding at the end gives the nearest double, as a slow parser would.
  private static func shortReal(_ bytes: UnsafeMutableRawBufferPointer) -> Double? {
    let isNegative = bytes.first == UInt8(ascii: "-")
    var index = isNegative ? 1 : 0
    guard bytes.count > index, bytes.count <= index + 20 else { return nil }
    var digits: UInt64 = 0
    var point: Int?
    while index < bytes.count {
      let byte = bytes[index]
      let digit = byte &- UInt8(ascii: "0")
      if digit < 10 {
        digits = digits &* 10 &+ UInt64(digit)
      } else if byte == UInt8(ascii: "."), point == nil {
        point = index
      } else {
        return nil
      }
      index += 1
    }
    // Twenty digits may be more than 64 bits.
    guard point != nil || bytes.count < 20 else { return nil }
    let value = quotient(digits, byPowerOfTen: point.map { bytes.count - $0 - 1 } ?? 0)
    return isNegative ? -value : value
  }

  private static let powers: [UInt64] = (0...19).reduce(into: []) {
    $0.append(($0.last ?? 0) &* 10 &+ ($1 == 0 ? 1 : 0))
  }

  private static func quotient(_ digits: UInt64, byPowerOfTen exponent: Int) -> Double {
    guard exponent > 0, digits > 0 else { return Double(digits) }
    let power = powers[exponent]
    let (shift, powerShift) = (digits.leadingZeroBitCount, power.leadingZeroBitCount)
    let dividend = digits << shift
    // Half of the dividend is less than the divisor, so the quotient has 63 or 64 bits.
    let (quotient, remainder) = (power << powerShift).dividingFullWidth((dividend >> 1, dividend << 63))
    let scale = Double(bitPattern: UInt64(1023 - 63 + powerShift - shift) << 52)
    return Double(quotient | (remainder == 0 ? 0 : 1)) * scale
  }

  /// `\x0a0b…`, decoded in place.
  private static func decodedHex(
    _ bytes: UnsafeMutableRawBufferPointer
  ) throws(DriverFailure) -> UnsafeRawBufferPointer {
    guard bytes.count >= 2, bytes.count % 2 == 0, bytes[0] == UInt8(ascii: "\\"), bytes[1] == UInt8(ascii: "x") else {
      throw unreadable("bytea in hexadecimal", bytes)
    }
    let count = bytes.count / 2 - 1
    for index in 0..<count {
      bytes[index] = nibble(bytes[2 * index + 2]) << 4 | nibble(bytes[2 * index + 3])
    }
    return UnsafeRawBufferPointer(rebasing: bytes[..<count])
  }

  /// The server writes 0-9 and a-f only.
  @inline(__always)
  private static func nibble(_ digit: UInt8) -> UInt8 {
    (digit & 0xf) &+ (digit >> 6) &* 9
  }

  private static func unreadable(_ what: String, _ bytes: UnsafeMutableRawBufferPointer) -> DriverFailure {
    let text = String(decoding: bytes.prefix(40), as: UTF8.self)
    return DriverFailure(.internal, "the server sent a value that is not a \(what): \(text)")
  }
}
