import BelayDriverKit

/// What a PRAGMA does in a script: SQLite ignores or refuses many of them inside a transaction.
package struct PragmaReading {
  /// In lower case.
  package let name: String
  /// It sets or does something. Without a value, most only report.
  package let hasValue: Bool

  package init(_ piece: ScriptReader.Piece) {
    var index = 1
    // PRAGMA main.name
    if piece.words.count > 2, piece.words[2].isSymbol(".") { index = 3 }
    name = index < piece.words.count ? piece.words[index].name.lowercased() : ""
    hasValue = index + 1 < piece.words.count
  }

  package func describe(_ statement: inout ScriptStatement) {
    switch name {
    case "foreign_keys" where hasValue:
      statement.flags.insert(.onlyBeforeTransaction)
    case "journal_mode" where hasValue, "synchronous" where hasValue, "wal_checkpoint":
      statement.flags.insert(.refusesTransaction)
    case "user_version" where hasValue, "application_id" where hasValue, "encoding" where hasValue,
      "page_size" where hasValue, "auto_vacuum" where hasValue:
      statement.writes = [ScriptWrite(kind: "setting", name: name, actions: .alter)]
    case "writable_schema" where hasValue:
      statement.flags.insert(.unread)
      statement.note = "it lets statements write to the schema table directly, without SQLite's checks"
    default: break
    }
  }
}
