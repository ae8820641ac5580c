import BelayDriverKit

/// Reads SQL text by bytes, because offsets are in bytes, and a combining mark would hide a quote.
struct Words {
  private let bytes: [UInt8]
  private var at = 0
  private var values: ArraySlice<String?>

  init(_ sql: String, values: [String?]) {
    bytes = Array(sql.utf8)
    self.values = values[...]
  }

  /// Skips these words if they come next, each with or without double quotes.
  mutating func take(_ words: String) -> Bool {
    var here = self
    for word in words.split(separator: " ") {
      guard !here.isAtEnd() else { return false }
      let isQuoted = bytes[here.at] == UInt8(ascii: "\"")
      let quoted = isQuoted ? "\"\(word)\"" : String(word)
      let end = here.at + quoted.utf8.count
      guard end <= bytes.count,
        String(decoding: bytes[here.at..<end], as: UTF8.self).uppercased() == quoted.uppercased()
      else { return false }
      // A word ends where no letter follows: "NULLS" is not NULL.
      if !isQuoted, Words.isLetter(bytes[end - 1]), end < bytes.count, Words.isLetter(bytes[end]) { return false }
      here.at = end
    }
    self = here
    return true
  }

  /// 'text', NULL or the next parameter.
  mutating func value() throws(DriverFailure) -> String? {
    if take("NULL") { return nil }
    if take("?") {
      guard let next = values.popFirst() else { throw DriverFailure(.invalid, "a parameter is missing") }
      return next
    }
    guard take("'") else { throw wrong }
    var text: [UInt8] = []
    while at < bytes.count {
      if bytes[at] == UInt8(ascii: "'") {
        at += 1
        // A quote within the text is doubled.
        if at == bytes.count || bytes[at] != UInt8(ascii: "'") { return String(decoding: text, as: UTF8.self) }
      }
      text.append(bytes[at])
      at += 1
    }
    throw wrong
  }

  /// A statement ends with a semicolon, or with the text.
  mutating func endStatement() throws(DriverFailure) {
    guard take(";") || isAtEnd() else { throw wrong }
  }

  mutating func isAtEnd() -> Bool {
    while at < bytes.count, " \t\r\n".utf8.contains(bytes[at]) { at += 1 }
    return at == bytes.count
  }

  var wrong: DriverFailure {
    DriverFailure(.sql, "this driver cannot parse the statement from here on", sqlOffset: at)
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
  }
}
