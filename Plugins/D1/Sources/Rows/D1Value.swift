import BelayDriverKit

/// One exact value of D1.
enum D1Value {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  /// Text that JSON cannot represent: with NUL in it, or not UTF-8.
  case rawText([UInt8])
  case blob([UInt8])

  func write(into rows: RowWriter) throws(DriverFailure) {
    switch self {
    case .null: rows.null()
    case .integer(let value): rows.integer(value)
    case .real(let value): rows.real(value)
    case .text(let text): try rows.text(text)
    case .rawText(let bytes): try Self.lend(bytes) { (bytes) throws(DriverFailure) in try rows.text(bytes) }
    case .blob(let bytes): try Self.lend(bytes) { (bytes) throws(DriverFailure) in try rows.blob(bytes) }
    }
  }

  private static func lend(
    _ bytes: [UInt8], _ body: (UnsafeRawBufferPointer) throws(DriverFailure) -> Void
  ) throws(DriverFailure) {
    // withUnsafeBytes cannot throw a typed error, so the error is returned as a result.
    let result = bytes.withUnsafeBytes { bytes in Result { () throws(DriverFailure) in try body(bytes) } }
    try result.get()
  }
}

/// How a row is transferred: a text with the type of each value, and the values in a form that JSON does not change.
///
/// JSON has one kind of number, and JavaScript rounds integers beyond 2^53. It has no infinity and no bytes, and text
/// with NUL or invalid UTF-8 is unpredictable. So integers are sent as text, bytes as hex, and reals as JSON numbers,
/// which JavaScript writes with as many digits as necessary.
enum RowEncoding {
  /// Hex needs twice the space, and no value may be longer than 2,000,000 bytes: longer values are sent in parts.
  static let wholeAtMost = 900_000
  /// Statements have at most 100 columns, and expressions are at most 100 deep.
  static let columnsPerStatement = 60

  /// The type of a value, as one letter.
  static func letter(_ column: String, textAsBytes: Bool) -> String {
    let bytes = "CASE WHEN length(CAST(\(column) AS BLOB))>\(wholeAtMost) THEN 'Z' ELSE 'z' END"
    let text = textAsBytes ? bytes : "CASE WHEN instr(\(column),char(0))>0 THEN \(bytes) ELSE 't' END"
    return "CASE typeof(\(column)) WHEN 'text' THEN \(text)"
      + " WHEN 'blob' THEN CASE WHEN length(\(column))>\(wholeAtMost) THEN 'B' ELSE 'b' END"
      + " WHEN 'real' THEN CASE \(column) WHEN 9e999 THEN 'p' WHEN -9e999 THEN 'm' ELSE 'r' END"
      + " WHEN 'integer' THEN 'i' ELSE 'n' END"
  }

  /// The value itself; NULL if it is sent in parts.
  static func value(_ column: String, textAsBytes: Bool) -> String {
    let bytes = "CASE WHEN length(CAST(\(column) AS BLOB))>\(wholeAtMost) THEN NULL ELSE hex(\(column)) END"
    let text = textAsBytes ? bytes : "CASE WHEN instr(\(column),char(0))>0 THEN \(bytes) ELSE \(column) END"
    return "CASE typeof(\(column)) WHEN 'text' THEN \(text) WHEN 'blob' THEN \(bytes)"
      + " WHEN 'integer' THEN CAST(\(column) AS TEXT) ELSE \(column) END"
  }

  /// The received value; nil if it is sent in parts.
  static func decode(_ letter: UInt8, _ cell: JSONCell) throws(DriverFailure) -> D1Value? {
    switch (letter, cell) {
    case (UInt8(ascii: "n"), _): return .null
    case (UInt8(ascii: "p"), _): return .real(.infinity)
    case (UInt8(ascii: "m"), _): return .real(-.infinity)
    case (UInt8(ascii: "r"), .real(let value)): return .real(value)
    case (UInt8(ascii: "r"), .integer(let value)): return .real(Double(value))
    case (UInt8(ascii: "t"), .text(let text)): return .text(text)
    case (UInt8(ascii: "i"), .text(let text)):
      if let value = Int64(text) { return .integer(value) }
    case (UInt8(ascii: "b"), .text(let text)):
      if let bytes = Hex.bytes(text) { return .blob(bytes) }
    case (UInt8(ascii: "z"), .text(let text)):
      if let bytes = Hex.bytes(text) { return .rawText(bytes) }
    case (UInt8(ascii: "B"), _), (UInt8(ascii: "Z"), _): return nil
    default: break
    }
    throw DriverFailure(.io, "D1's reply contains a value that does not have the stated type")
  }

  /// Whether text may have been repaired for JSON: it contains the replacement character.
  static func isDoubtful(_ text: String) -> Bool {
    // Its UTF-8 is EF BF BD.
    var text = text
    return text.withUTF8 { utf8 in
      var index = 0
      while index + 2 < utf8.count {
        if utf8[index] == 0xef, utf8[index + 1] == 0xbf, utf8[index + 2] == 0xbd { return true }
        index += 1
      }
      return false
    }
  }
}
