import SQLiteDialect

/// A query that reads columns of one table and nothing else: what a backup asks for, and what is read in pages.
struct SelectReading {
  var table: String
  var columns: [String]

  /// nil where the query is any other.
  init?(_ piece: ScriptReader.Piece) {
    let words = piece.words
    guard piece.keyword(0) == "SELECT" else { return nil }
    var (index, columns): (Int, [String]) = (1, [])
    while true {
      guard index < words.count, words[index].isQuotedName else { return nil }
      columns.append(words[index].name)
      index += 1
      guard index < words.count else { return nil }
      if words[index].isSymbol(",") {
        index += 1
        continue
      }
      break
    }
    guard index + 2 == words.count, words[index].isWord("FROM"), words[index + 1].isQuotedName else { return nil }
    table = words[index + 1].name
    self.columns = columns
  }
}

extension SQLWords.Word {
  /// "…", and not a string.
  fileprivate var isQuotedName: Bool { kind == .quoted && bytes.first == UInt8(ascii: "\"") }
}
