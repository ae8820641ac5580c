import Glibc

/// A value in CSV without quotes, whose form determines its type.
enum BareValue: Equatable {
  case null
  case bool(Bool)
  case integer(Int64)
  case real(Double)
  case blob([UInt8])

  /// Nil if no value is written in this form.
  init?(_ text: [UInt8]) {
    guard let first = text.first else {
      self = .null
      return
    }
    if first == UInt8(ascii: "\\") {
      guard let blob = BareValue.blob(text) else { return nil }
      self = .blob(blob)
    } else if first == UInt8(ascii: "t") || first == UInt8(ascii: "f") {
      guard let bool = Bool(String(decoding: text, as: UTF8.self)) else { return nil }
      self = .bool(bool)
    } else if let integer = BareValue.integer(text) {
      self = .integer(integer)
    } else {
      guard let real = BareValue.real(text) else { return nil }
      self = .real(real)
    }
  }

  /// Digits with or without a minus, as long as they fit.
  private static func integer(_ text: [UInt8]) -> Int64? {
    let isNegative = text.first == UInt8(ascii: "-")
    let digits = isNegative ? text[1...] : text[...]
    guard !digits.isEmpty else { return nil }
    var value: Int64 = 0
    for digit in digits {
      guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
      // Downwards, because the smallest integer has no positive counterpart.
      let (tenfold, first) = value.multipliedReportingOverflow(by: 10)
      let (sum, second) = tenfold.subtractingReportingOverflow(Int64(digit - UInt8(ascii: "0")))
      if first || second { return nil }
      value = sum
    }
    if isNegative { return value }
    return value == .min ? nil : -value
  }

  private static func real(_ text: [UInt8]) -> Double? {
    switch String(decoding: text, as: UTF8.self) {
    case "NaN": return .nan
    case "Inf": return .infinity
    case "-Inf": return -.infinity
    case let text where text.utf8.allSatisfy(isOfReal) && text.utf8.contains(where: isMarkOfReal): return Double(text)
    default: return nil
    }
  }

  private static func isOfReal(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || isMarkOfReal(byte) || byte == UInt8(ascii: "-")
      || byte == UInt8(ascii: "+")
  }

  private static func isMarkOfReal(_ byte: UInt8) -> Bool { byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") }

  private static func blob(_ text: [UInt8]) -> [UInt8]? {
    guard text.count >= 2, text.count.isMultiple(of: 2), text[1] == UInt8(ascii: "x") else { return nil }
    var blob: [UInt8] = []
    blob.reserveCapacity(text.count / 2 - 1)
    for index in stride(from: 2, to: text.count, by: 2) {
      guard let high = nibble(text[index]), let low = nibble(text[index + 1]) else { return nil }
      blob.append(high << 4 | low)
    }
    return blob
  }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    default: nil
    }
  }
}
