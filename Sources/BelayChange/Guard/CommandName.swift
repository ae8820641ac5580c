import BelayBase
import BelayText

/// A command as it is shown and journaled: its words as a shell reads them, without what they may hold of secrets.
enum CommandName {
  static func text(of words: [String]) -> String {
    let text = redactedWords(words.map(\.shellWord).joined(separator: " "))
    return text.count > 120 ? text.prefix(117) + "…" : text
  }
}

/// A command line, shortened and without secrets.
func redactedWords(_ text: String) -> String {
  let line = redact(words: text.split(whereSeparator: \.isNewline).joined(separator: " "))
  return line.count > 200 ? line.prefix(197) + "…" : line
}
