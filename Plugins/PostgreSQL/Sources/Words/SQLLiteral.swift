/// Text as a literal of SQL.
enum SQLLiteral {
  /// Correct whatever standard_conforming_strings is.
  static func quoted(_ text: String) -> String {
    var quoted = text.utf8.contains(UInt8(ascii: "\\")) ? " E'" : "'"
    for character in text.unicodeScalars {
      if character == "'" || character == "\\" { quoted.unicodeScalars.append(character) }
      quoted.unicodeScalars.append(character)
    }
    return quoted + "'"
  }
}
