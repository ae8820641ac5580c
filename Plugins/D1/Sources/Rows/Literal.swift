import BelayDriverKit
import Glibc

/// Values as SQL with exactly these values, even if the server's parser of decimal numbers is not exact to the last
/// bit.
enum Literal {
  static func integer(_ value: Int64) -> String {
    // SQLite parses the digits of the smallest integer without its sign, and then they are too large.
    value == .min ? "(-9223372036854775807-1)" : String(value)
  }

  static func real(_ value: Double) -> String {
    if value.isNaN { return "NULL" }
    if value.isInfinite { return value < 0 ? "-9e999" : "9e999" }
    if value == 0 { return value.sign == .minus ? "-0.0" : "0.0" }
    let sign = value < 0 ? "-" : ""
    if let short = shortDecimal(value.magnitude) { return sign + short }
    return sign + powersOfTwo(value.magnitude)
  }

  static func blob(_ bytes: some Collection<UInt8>) -> String { "X'\(Hex.text(bytes))'" }

  /// Any bytes as text: SQL text ends at a NUL, and must itself be UTF-8.
  static func text(bytes: UnsafeRawBufferPointer) -> String {
    guard !bytes.contains(0), let text = String(validating: bytes, as: UTF8.self) else {
      return "CAST(\(blob(bytes)) AS TEXT)"
    }
    return SQLQuote.literal(text)
  }

  /// Fifteen digits and a small power of ten, which every parser reads exactly. nil if more are needed.
  private static func shortDecimal(_ value: Double) -> String? {
    guard value >= 1e-5, value < 1e15 else { return nil }
    let text = "\(value)"
    let digits = text.utf8.count { (0x30...0x39).contains($0) }
    return digits <= 15 && text.utf8.contains(UInt8(ascii: ".")) && !text.utf8.contains(UInt8(ascii: "e")) ? text : nil
  }

  /// An integer below 2^53, multiplied or divided by powers of two: none of the steps rounds.
  private static func powersOfTwo(_ value: Double) -> String {
    var exponent = Int(value.exponent) - 52
    if value.isSubnormal || value.exponent < -1022 { exponent = -1074 }
    var mantissa = Int64(scalbn(value, -Int32(exponent).asExponent))
    while mantissa & 1 == 0, exponent < 0 {
      mantissa >>= 1
      exponent += 1
    }
    var text = "\(mantissa).0"
    let operation = exponent < 0 ? "/" : "*"
    var left = abs(exponent)
    while left > 0 {
      let step = min(left, 60)
      text += "\(operation)\(Int64(1) << Int64(step)).0"
      left -= step
    }
    return "(\(text))"
  }
}

extension Int32 {
  fileprivate var asExponent: Int { Int(self) }
}
