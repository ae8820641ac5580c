import BelayDriverKit

/// The host's values in the text form that the server parses.
enum ParameterText {
  /// The values of the first row.
  static func row(_ parameters: Parameters?, _ row: Int = 0) throws(DriverFailure) -> [String?] {
    guard let parameters, parameters.rowCount > row else { return [] }
    var values: [String?] = []
    for column in 0..<parameters.columnCount { values.append(try text(parameters[row, column])) }
    return values
  }

  private static func text(_ value: Parameter) throws(DriverFailure) -> String? {
    switch value {
    case .null: return nil
    case .bool(let flag): return flag ? "t" : "f"
    case .integer(let number): return String(number)
    case .real(let number): return real(number)
    case .text(let bytes), .native(let bytes):
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw DriverFailure(.sql, "a value is not UTF-8", sqlState: "22021")
      }
      return text
    case .blob(let bytes):
      var text: [UInt8] = []
      appendHex(bytes, to: &text)
      return String(decoding: text, as: UTF8.self)
    }
  }

  /// The shortest text that is parsed to the same number.
  static func real(_ number: Double) -> String {
    if number.isNaN { return "NaN" }
    if number.isInfinite { return number < 0 ? "-Infinity" : "Infinity" }
    return number.description
  }

  /// `\x0a0b…`
  static func appendHex(_ bytes: UnsafeRawBufferPointer, to text: inout [UInt8]) {
    text.reserveCapacity(text.count + 2 * bytes.count + 2)
    text.append(UInt8(ascii: "\\"))
    text.append(UInt8(ascii: "x"))
    for byte in bytes {
      text.append(Hex.digit(byte >> 4))
      text.append(Hex.digit(byte & 0xf))
    }
  }
}
