/// Which columns get the value of an expression in rows that are copied, or that are there: from the words of a statement.
/// SQLite's authorizer tells which columns are read and written, but not which value goes where.
struct ColumnExpressions {
  /// As the statement spells them.
  private(set) var names: [String] = []

  private let words: [SQLWords.Word]
  /// Of the table that is written, in its own order, for statements that do not list them.
  private let columns: [String]

  /// nil: it cannot be told, because the rows come from more than one table, or from a query within the query.
  init?(_ piece: ScriptReader.Piece, columns: [String]) {
    words = piece.words
    self.columns = columns
    let isRead =
      switch piece.verb {
      case "UPDATE": readAssignments(from: 0)
      case "INSERT", "REPLACE": readInsert()
      default: readCreation(piece)
      }
    guard isRead else { return nil }
  }

  // MARK: Statements

  /// INSERT INTO t (a, b) SELECT …, VALUES … or DEFAULT VALUES, and what follows ON CONFLICT.
  private mutating func readInsert() -> Bool {
    // What a query of WITH calls a column may be computed there.
    guard words.first.map({ !$0.isWord("WITH") }) ?? false, let into = words.firstIndex(where: { $0.isWord("INTO") })
    else { return false }
    var index = afterName(at: into + 1)
    if isWord("AS", at: index) { index += 2 }
    var targets = columns
    if isSymbol("(", at: index) {
      let end = closing(index)
      targets = words[index..<end].filter { $0.kind == .word || $0.kind == .quoted }.map(\.name)
      index = end + 1
    }
    let conflict = topLevel(from: index).first { isWord("ON", at: $0) && isWord("CONFLICT", at: $0 + 1) }
    if let conflict, !readAssignments(from: conflict) { return false }
    // New rows are copies of nothing.
    guard isWord("SELECT", at: index) else { return isWord("VALUES", at: index) || isWord("DEFAULT", at: index) }
    let end = conflict ?? topLevel(from: index).first { isWord("RETURNING", at: $0) } ?? words.count
    return arms(index..<end).allSatisfy { read($0, into: targets) }
  }

  /// CREATE TABLE t AS SELECT …: its columns have the names that the query gives them. Other statements give no values.
  private mutating func readCreation(_ piece: ScriptReader.Piece) -> Bool {
    guard let offset = piece.createdBySelect, let start = words.firstIndex(where: { $0.start >= offset }) else {
      return true
    }
    guard isWord("SELECT", at: start) else { return false }
    return arms(start..<words.count).allSatisfy { read($0, into: nil) }
  }

  /// The columns after SET, of which each gets the value of an expression. Without SET there are none.
  private mutating func readAssignments(from start: Int) -> Bool {
    guard let set = topLevel(from: start).first(where: { isWord("SET", at: $0) }) else { return true }
    let ends: [StaticString] = ["FROM", "WHERE", "RETURNING", "ORDER", "LIMIT"]
    let end = topLevel(from: set + 1).first { index in ends.contains { isWord($0, at: index) } } ?? words.count
    for item in items(set + 1..<end) {
      guard let first = item.first else { return false }
      if isSymbol("(", at: first) {
        names += words[first..<min(closing(first), item.upperBound)].filter { $0.kind == .word || $0.kind == .quoted }
          .map(\.name)
      } else {
        names.append(words[first].name)
      }
    }
    return true
  }

  // MARK: Queries

  /// The queries that UNION and its like put together.
  private func arms(_ range: Range<Int>) -> [Range<Int>] {
    var arms: [Range<Int>] = []
    var start = range.lowerBound
    let joints: [StaticString] = ["UNION", "INTERSECT", "EXCEPT"]
    for index in topLevel(from: start)
    where index < range.upperBound && joints.contains(where: { isWord($0, at: index) }) {
      arms.append(start..<index)
      start = index + (isWord("ALL", at: index + 1) ? 2 : 1)
    }
    return arms + [start..<range.upperBound]
  }

  /// - Parameter targets: where its values go; nil: to columns of its own names.
  private mutating func read(_ arm: Range<Int>, into targets: [String]?) -> Bool {
    guard isWord("SELECT", at: arm.lowerBound) else { return isWord("VALUES", at: arm.lowerBound) }
    var start = arm.lowerBound + 1
    if isWord("DISTINCT", at: start) || isWord("ALL", at: start) { start += 1 }
    let inside = topLevel(from: start).filter { arm.contains($0) }
    // Without a table the rows are new.
    guard let from = inside.first(where: { isWord("FROM", at: $0) }) else { return true }
    let ends: [StaticString] = ["WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT"]
    let end = inside.first { index in index > from && ends.contains { isWord($0, at: index) } } ?? arm.upperBound
    let isOneTable = !words[from + 1..<end].contains { $0.isSymbol("(") || $0.isSymbol(",") || $0.isWord("JOIN") }
    guard isOneTable else { return false }
    let selected = items(start..<from)
    let stars = selected.filter { isStar($0) }.count
    guard let targets else {
      names += selected.compactMap { isColumn($0) || isStar($0) ? nil : alias(of: $0) }
      return true
    }
    guard stars <= 1 else { return false }
    let width = targets.count - (selected.count - stars)
    var place = 0
    for item in selected {
      if isStar(item) {
        place += width
        continue
      }
      guard targets.indices.contains(place) else { return false }
      if !isColumn(item) { names.append(targets[place]) }
      place += 1
    }
    return true
  }

  /// "a", "t.a" or "main.t.a", with or without another name for it.
  private func isColumn(_ item: Range<Int>) -> Bool {
    var index = item.lowerBound
    guard isName(at: index) else { return false }
    index += 1
    while index + 1 < item.upperBound, isSymbol(".", at: index), isName(at: index + 1) { index += 2 }
    let rest = index..<item.upperBound
    switch rest.count {
    case 0: return true
    case 1: return words[index].kind == .word || words[index].kind == .quoted
    case 2: return isWord("AS", at: index)
    default: return false
    }
  }

  private func isStar(_ item: Range<Int>) -> Bool { item.last.map { isSymbol("*", at: $0) } ?? false }

  private func alias(of item: Range<Int>) -> String? {
    guard let last = item.last, item.count > 1, words[last].kind == .word || words[last].kind == .quoted else {
      return nil
    }
    return words[last].name
  }

  /// Neither a number, nor a string, nor one of the words that stand for values.
  private func isName(at index: Int) -> Bool {
    guard words.indices.contains(index), let first = words[index].bytes.first else { return false }
    switch words[index].kind {
    case .quoted: return first != UInt8(ascii: "'")
    case .word:
      let values: [StaticString] = ["NULL", "TRUE", "FALSE", "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME"]
      return !(first >= 0x30 && first <= 0x39) && !values.contains { words[index].isWord($0) }
    default: return false
    }
  }

  // MARK: Words

  private func isWord(_ keyword: StaticString, at index: Int) -> Bool {
    words.indices.contains(index) && words[index].isWord(keyword)
  }

  private func isSymbol(_ symbol: Unicode.Scalar, at index: Int) -> Bool {
    words.indices.contains(index) && words[index].isSymbol(symbol)
  }

  /// Behind a name, which may have a schema.
  private func afterName(at index: Int) -> Int { isSymbol(".", at: index + 1) ? index + 3 : index + 1 }

  /// The parenthesis that closes the one at a place; the end of the words where none does.
  private func closing(_ open: Int) -> Int {
    var depth = 0
    for index in words.indices[open...] {
      if words[index].isSymbol("(") { depth += 1 }
      if words[index].isSymbol(")") {
        depth -= 1
        if depth == 0 { return index }
      }
    }
    return words.count
  }

  /// Places outside parentheses.
  private func topLevel(from start: Int) -> [Int] {
    var places: [Int] = []
    var depth = 0
    for index in words.indices.dropFirst(start) {
      if words[index].isSymbol("(") { depth += 1 }
      if words[index].isSymbol(")") { depth -= 1 }
      if depth == 0 { places.append(index) }
    }
    return places
  }

  /// What commas outside parentheses divide.
  private func items(_ range: Range<Int>) -> [Range<Int>] {
    var items: [Range<Int>] = []
    var start = range.lowerBound
    for index in topLevel(from: start) where index < range.upperBound && isSymbol(",", at: index) {
      items.append(start..<index)
      start = index + 1
    }
    return items + [start..<max(start, range.upperBound)]
  }
}
