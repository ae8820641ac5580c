/// What a statement does, by its words.
extension ScriptReader.Piece {
  /// The words outside parentheses.
  package var topLevel: [SQLWords.Word] {
    var depth = 0
    return words.filter { word in
      if word.isSymbol("(") { depth += 1 }
      if word.isSymbol(")") { depth -= 1 }
      return depth == 0 && !word.isSymbol(")")
    }
  }

  /// What the statement does, also after WITH: "UPDATE", "SELECT" …
  package var verb: String {
    guard keyword(0) == "WITH" else { return keyword(0) }
    let verbs = ["SELECT", "INSERT", "REPLACE", "UPDATE", "DELETE"]
    return topLevel.lazy.filter { $0.kind == .word }.map { $0.name.uppercased() }.first { verbs.contains($0) } ?? ""
  }
}
