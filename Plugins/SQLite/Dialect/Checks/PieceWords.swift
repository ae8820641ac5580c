/// What the linter asks about the words of a statement.
extension ScriptReader.Piece {
  /// The name at a position, without its schema.
  package func name(after index: Int) -> String {
    guard index < words.count else { return "" }
    let hasSchema = index + 2 < words.count && words[index + 1].isSymbol(".")
    return words[hasSchema ? index + 2 : index].name
  }

  /// ALTER TABLE from RENAME TO to.
  package var renamed: (from: String, to: String)? {
    guard keyword(0) == "ALTER", keyword(1) == "TABLE", words.count >= 6 else { return nil }
    guard keyword(words.count - 3) == "RENAME", keyword(words.count - 2) == "TO" else { return nil }
    return (name(after: 2), words[words.count - 1].name)
  }

  /// The name of the index or trigger that the statement creates.
  package var created: String? {
    guard keyword(0) == "CREATE",
      let kind = words.firstIndex(where: { $0.isWord("INDEX") || $0.isWord("TRIGGER") }), kind <= 2
    else { return nil }
    return name(after: keyword(kind + 1) == "IF" ? kind + 4 : kind + 1)
  }

  /// The name of the table that the statement creates by its columns.
  package var createdTable: String? {
    guard keyword(0) == "CREATE", keyword(1) == "TABLE" else { return nil }
    return name(after: keyword(2) == "IF" ? 5 : 2)
  }

  /// The name of the temporary table or view that the statement creates.
  package var createdTemporary: String? {
    guard keyword(0) == "CREATE" else { return nil }
    let isTemporary = ["TEMP", "TEMPORARY"].contains(keyword(1))
    let kind = ["TEMP", "TEMPORARY", "VIRTUAL"].contains(keyword(1)) ? 2 : 1
    guard ["TABLE", "VIEW"].contains(keyword(kind)) else { return nil }
    let start = keyword(kind + 1) == "IF" ? kind + 4 : kind + 1
    let inTemp = start + 1 < words.count && words[start + 1].isSymbol(".") && words[start].name.lowercased() == "temp"
    return isTemporary || inTemp ? name(after: start) : nil
  }

  /// PRAGMA foreign_keys with a value: on or off; nil for everything else.
  package var setsForeignKeys: Bool? {
    let pragma = PragmaReading(self)
    guard keyword(0) == "PRAGMA", pragma.name == "foreign_keys", pragma.hasValue else { return nil }
    let values = words.reversed().lazy.filter { $0.kind == .word || $0.kind == .quoted }.map { $0.name.lowercased() }
    return ["1", "on", "true", "yes"].contains(values.first ?? "")
  }
}
