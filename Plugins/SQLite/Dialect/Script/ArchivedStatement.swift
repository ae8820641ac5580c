/// A statement that the catalog writes, told by its words. Anything else in an archive is not belay's.
package struct ArchivedStatement {
  /// It writes to the table of the schema itself, which SQLite's defensive mode does not allow.
  package let writesSchemaTable: Bool
  package let opensSchemaTable: Bool
  package let closesSchemaTable: Bool

  /// nil: no statement of an object of that kind begins here.
  package init?(_ bytes: [UInt8], from position: Int, kind: String) {
    let found = bytes.withUnsafeBytes { text in
      let words = Self.words(text, from: position)
      return Self.forms(of: kind).first { $0.matches(words) }
    }
    guard let form = found else { return nil }
    opensSchemaTable = form == .opening
    closesSchemaTable = form == .closing
    writesSchemaTable = [.opening, .closing, .entry, .exactText].contains(form)
  }

  /// Nothing but spaces, comments and semicolons follow.
  package static func isBlank(_ bytes: [UInt8], from position: Int) -> Bool {
    bytes.withUnsafeBytes { words($0, from: position).isEmpty }
  }

  /// Up to the semicolon. Of those that hold a whole script, such as triggers, the beginning is enough.
  private static func words(_ text: UnsafeRawBufferPointer, from position: Int) -> [SQLWords.Word] {
    var reader = SQLWords(text, from: position)
    var words: [SQLWords.Word] = []
    while words.count < 40, let word = reader.next() {
      if word.kind == .semicolon {
        if words.isEmpty { continue }
        break
      }
      words.append(word)
    }
    return words
  }

  private static func forms(of kind: String) -> [Form] {
    let exact: [Form] = [.opening, .exactText, .closing]
    return switch kind {
    case "setting": [.setting, .negativeSetting]
    case "table": [.table, .emptySequence, .sequenceIsMade, .statistics] + exact
    case "index": [.index, .uniqueIndex] + exact
    case "view": [.view] + exact
    case "trigger": [.trigger] + exact
    case "virtual_table": [.virtualTable, .rebuild, .opening, .entry, .closing]
    case "rows": [.rows]
    default: []
    }
  }
}

/// The words of one statement.
private enum Form: CaseIterable {
  case setting, negativeSetting
  case table, index, uniqueIndex, view, trigger, virtualTable
  case emptySequence, sequenceIsMade, statistics, rebuild, rows
  case opening, entry, exactText, closing

  private enum Piece {
    case word(StaticString)
    case symbol(Unicode.Scalar)
    /// '…'
    case string
    /// "…", or a bare word.
    case name
    /// A number or a string.
    case literal

    func matches(_ word: SQLWords.Word) -> Bool {
      switch self {
      case .word(let keyword): word.isWord(keyword)
      case .symbol(let symbol): word.isSymbol(symbol)
      case .string: word.kind == .quoted && word.bytes.first == UInt8(ascii: "'")
      case .name: word.kind == .word || word.kind == .quoted
      case .literal: word.kind == .word || word.kind == .quoted
      }
    }
  }

  func matches(_ words: [SQLWords.Word]) -> Bool {
    let (pieces, isBeginning) = pieces
    guard isBeginning ? words.count > pieces.count : words.count == pieces.count else { return false }
    return zip(pieces, words).allSatisfy { $0.matches($1) } && !words.contains { $0.kind == .unterminated }
      && accepts(words[1].name.lowercased(), words.last?.name ?? "")
  }

  private func accepts(_ second: String, _ last: String) -> Bool {
    switch self {
    case .setting, .negativeSetting: Self.settings.contains(second)
    case .sequenceIsMade: last == CatalogReader.sequenceMaker
    default: true
    }
  }

  /// What `SettingObjects` writes.
  private static let settings: Set<String> = ["encoding", "page_size", "auto_vacuum", "application_id", "user_version"]

  /// The words, and whether more of them follow.
  private var pieces: ([Piece], isBeginning: Bool) {
    switch self {
    case .setting: ([.word("PRAGMA"), .name, .symbol("="), .literal], false)
    case .negativeSetting: ([.word("PRAGMA"), .name, .symbol("="), .symbol("-"), .literal], false)
    case .table: ([.word("CREATE"), .word("TABLE"), .name], true)
    case .index: ([.word("CREATE"), .word("INDEX"), .name], true)
    case .uniqueIndex: ([.word("CREATE"), .word("UNIQUE"), .word("INDEX"), .name], true)
    case .view: ([.word("CREATE"), .word("VIEW"), .name], true)
    case .trigger: ([.word("CREATE"), .word("TRIGGER"), .name], true)
    case .virtualTable: ([.word("CREATE"), .word("VIRTUAL"), .word("TABLE"), .name], true)
    case .emptySequence: ([.word("DELETE"), .word("FROM"), .word("SQLITE_SEQUENCE")], false)
    // The table that it drops is made by the statement before, which is one of `table`.
    case .sequenceIsMade: ([.word("DROP"), .word("TABLE"), .name], false)
    case .statistics: ([.word("ANALYZE"), .word("SQLITE_SCHEMA")], false)
    case .rebuild:
      (
        [
          .word("INSERT"), .word("INTO"), .name, .symbol("("), .name, .symbol(")"), .word("VALUES"), .symbol("("),
          .string, .symbol(")"),
        ], false
      )
    case .rows: ([.word("INSERT"), .word("INTO"), .name, .symbol("(")], true)
    case .opening: ([.word("PRAGMA"), .word("WRITABLE_SCHEMA"), .symbol("="), .word("ON")], false)
    case .closing: ([.word("PRAGMA"), .word("WRITABLE_SCHEMA"), .symbol("="), .word("RESET")], false)
    case .entry:
      (
        [
          .word("INSERT"), .word("INTO"), .word("SQLITE_SCHEMA"), .symbol("("), .word("TYPE"), .symbol(","),
          .word("NAME"), .symbol(","), .word("TBL_NAME"), .symbol(","), .word("ROOTPAGE"), .symbol(","), .word("SQL"),
          .symbol(")"), .word("VALUES"), .symbol("("), .string, .symbol(","), .string, .symbol(","), .string,
          .symbol(","), .word("0"), .symbol(","), .string, .symbol(")"),
        ], false
      )
    case .exactText:
      (
        [
          .word("UPDATE"), .word("SQLITE_SCHEMA"), .word("SET"), .word("SQL"), .symbol("="), .word("CAST"),
          .symbol("("), .word("X"), .string, .word("AS"), .word("TEXT"), .symbol(")"), .word("WHERE"), .word("TYPE"),
          .symbol("="), .string, .word("AND"), .word("NAME"), .symbol("="), .string,
        ], false
      )
    }
  }
}
