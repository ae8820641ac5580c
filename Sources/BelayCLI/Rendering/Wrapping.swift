import BelayText

/// Lines that fit a terminal: broken between words, and indented as the line that they continue.
enum Wrapping {
  /// Narrower than this nobody reads prose; the terminal breaks the lines itself.
  private static let narrowest = 40

  /// - Parameters:
  ///   - line: may hold colours, which take no room.
  ///   - hanging: where further lines begin; nil: two columns after the beginning of the first.
  static func lines(_ line: String, columns: Int, hanging: Int? = nil) -> [String] {
    guard columns >= narrowest, width(line) > columns else { return [line] }
    let indentation = line.prefix { $0 == " " }.count
    let hanging = String(repeating: " ", count: min(hanging ?? indentation + 2, columns / 2))
    var lines: [String] = []
    var current = ""
    // Runs of spaces align columns: they stay where no line ends at them.
    for (spaces, word) in words(of: line) {
      if !current.allSatisfy({ $0 == " " }), width(current) + spaces.count + width(word) > columns {
        lines.append(current)
        current = hanging + word
      } else {
        current += spaces + word
      }
    }
    if !current.isEmpty { lines.append(current) }
    return lines
  }

  /// Each word with the spaces before it.
  private static func words(of line: String) -> [(String, String)] {
    var words: [(String, String)] = []
    var rest = line[...]
    while !rest.isEmpty {
      let spaces = rest.prefix { $0 == " " }
      rest = rest.dropFirst(spaces.count)
      let word = rest.prefix { $0 != " " }
      rest = rest.dropFirst(word.count)
      words.append((String(spaces), String(word)))
    }
    return words
  }

  /// As it is seen: escape sequences of colours take no room.
  static func width(_ text: String) -> Int {
    text.replacing(#/\u{1B}\[[0-9;]*m/#, with: "").cells
  }
}
