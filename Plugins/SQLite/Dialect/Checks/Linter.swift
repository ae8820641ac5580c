import BelayDriverKit

/// Looks in a migration for what goes wrong in SQLite without an error. Every finding is certain from the text and the
/// schema; the rehearsal finds errors.
package struct Linter {
  package let schema: Schema
  package let references: [Reference]
  /// The connection enforces foreign keys, unless the script turns that off where this is still possible.
  package let enforcesForeignKeys: Bool
  private let pieces: [ScriptReader.Piece]
  /// Texts that look like columns, by the statement's place.
  private let doubleQuoted: [Int: [String]]
  /// AUTOINCREMENT's counters that stand above every id of their table.
  private let counters: [CounterAhead]

  /// A foreign key whose rows change when the rows that they refer to are deleted.
  package struct Reference {
    package var child: String
    package var parent: String
    package var onDelete: String
  }

  package init(_ script: UnsafeRawBufferPointer, _ live: Database, enforcesForeignKeys: Bool) throws(DriverFailure) {
    schema = try Schema(of: live)
    var references: [Reference] = []
    let sql =
      "SELECT DISTINCT t.name, f.\"table\", f.on_delete FROM pragma_table_list AS t, pragma_foreign_key_list(t.name) AS f"
      + " WHERE t.schema = 'main' AND t.type = 'table' AND f.on_delete IN ('CASCADE', 'SET NULL', 'SET DEFAULT')"
    try live.rows(sql) { row in
      references.append(
        Reference(child: row.text(0) ?? "", parent: row.text(1) ?? "", onDelete: row.text(2) ?? ""))
    }
    self.references = references
    var reader = ScriptReader(script)
    var pieces: [ScriptReader.Piece] = []
    while let piece = reader.next() { pieces.append(piece) }
    self.pieces = pieces
    doubleQuoted = try DoubleQuotedText(in: pieces, live).byPiece
    counters = try CounterAhead.all(in: live)
    // Only what precedes all other statements is run outside the transaction.
    let top = pieces.prefix { $0.keyword(0) == "PRAGMA" }
    let switchedOff = top.contains { $0.setsForeignKeys == false }
    self.enforcesForeignKeys = enforcesForeignKeys && !switchedOff
  }

  package func findings() -> [LintFinding] {
    var findings: [LintFinding] = []
    for (index, piece) in pieces.enumerated() where !piece.isClient {
      findings += (doubleQuoted[index] ?? []).map { text(named: $0, piece) }
      switch piece.verb {
      case "ATTACH": findings.append(attach(piece))
      case "VACUUM": findings += vacuum(piece)
      case "CREATE": findings += create(piece)
      case "PRAGMA": findings += pragma(piece, index)
      case "UPDATE", "DELETE": findings += rows(piece)
      case "DROP": findings += drop(piece, index)
      case "ALTER": findings += alter(piece)
      case "INSERT", "REPLACE": findings += insert(piece, index)
      default: break
      }
    }
    return findings
  }

  private func text(named name: String, _ piece: ScriptReader.Piece) -> LintFinding {
    LintFinding(
      line: piece.line, .warning, rule: "double-quoted-text",
      "there is no column \"\(name)\" here, so SQLite takes it as the text '\(name)'",
      hint: "correct the name, or write a text in single quotes")
  }

  /// SQLite uses the temporary one for every unqualified name: neither checks nor counts would see the real one.
  private func create(_ piece: ScriptReader.Piece) -> [LintFinding] {
    guard let name = piece.createdTemporary?.lowercased(),
      schema.entries.contains(where: { ["table", "view"].contains($0.type) && $0.name.lowercased() == name })
    else { return [] }
    return [
      LintFinding(
        line: piece.line, .error, rule: "temporary-hides",
        "the temporary \(name) hides the one of the same name in the database, so belay would not see what happens to it",
        hint: "give the temporary object another name")
    ]
  }

  /// The rehearsal would write to the attached database itself, and no rollback would undo that.
  private func attach(_ piece: ScriptReader.Piece) -> LintFinding {
    LintFinding(
      line: piece.line, .error, rule: "attach",
      "ATTACH opens another database, which belay neither backs up nor restores",
      hint: "first copy what you need from it into this database")
  }

  /// The rehearsal would create the file, and the migration would then find it there.
  private func vacuum(_ piece: ScriptReader.Piece) -> [LintFinding] {
    guard piece.words.contains(where: { $0.isWord("INTO") }) else { return [] }
    return [
      LintFinding(
        line: piece.line, .error, rule: "vacuum-into",
        "VACUUM INTO writes another file, which rollback does not remove",
        hint: "remove the statement; `belay backup` makes copies")
    ]
  }

  private func pragma(_ piece: ScriptReader.Piece, _ index: Int) -> [LintFinding] {
    guard piece.setsForeignKeys != nil else { return [] }
    // At the top it takes effect; at the end it reverts the one at the top, which belay does anyway.
    if pieces[..<index].allSatisfy({ $0.keyword(0) == "PRAGMA" }) { return [] }
    if pieces[index...].allSatisfy({ $0.keyword(0) == "PRAGMA" }) { return [] }
    return [
      LintFinding(
        line: piece.line, .warning, rule: "foreign-keys-ignored",
        "PRAGMA foreign_keys does nothing here: SQLite ignores it inside a transaction",
        hint: "put it at the top of the file")
    ]
  }

  private func rows(_ piece: ScriptReader.Piece) -> [LintFinding] {
    if piece.topLevel.contains(where: { $0.isWord("WHERE") }) { return [] }
    let does = piece.verb == "UPDATE" ? "changes" : "deletes"
    return [
      LintFinding(
        line: piece.line, .warning, rule: "no-where", "\(piece.verb) without WHERE \(does) every row",
        hint: "add a WHERE, if it is not meant for every row")
    ]
  }

  private func drop(_ piece: ScriptReader.Piece, _ index: Int) -> [LintFinding] {
    guard piece.keyword(1) == "TABLE" else { return [] }
    let table = piece.name(after: piece.keyword(2) == "IF" ? 4 : 2)
    var findings: [LintFinding] = []
    let rebuilding = pieces[(index + 1)...].contains { $0.renamed?.to.lowercased() == table.lowercased() }
    if rebuilding {
      findings += lost(table, piece, index) + lostConstraints(table, piece, index)
      findings += fallingCounter(table, piece)
    } else {
      findings.append(
        LintFinding(line: piece.line, .warning, rule: "drop-table", "drops the table \(table) and its rows"))
    }
    if enforcesForeignKeys {
      for reference in references where reference.parent.lowercased() == table.lowercased() {
        findings.append(cascade(reference, piece))
      }
    }
    return findings
  }

  private func cascade(_ reference: Reference, _ piece: ScriptReader.Piece) -> LintFinding {
    let does =
      reference.onDelete == "CASCADE"
      ? "deletes the rows of \(reference.child) that refer to it" : "clears the references of \(reference.child) to it"
    return LintFinding(
      line: piece.line, .warning, rule: "drop-cascades",
      "dropping \(reference.parent) \(does) (ON DELETE \(reference.onDelete))",
      hint: "put PRAGMA foreign_keys=OFF at the top of the file; defer_foreign_keys does not help")
  }

  /// A rebuild drops a table with its indexes and triggers, and must create each of them again.
  private func lost(_ table: String, _ piece: ScriptReader.Piece, _ index: Int) -> [LintFinding] {
    let remade = Set(pieces[(index + 1)...].compactMap(\.created).map { $0.lowercased() })
    return schema.entries.filter {
      ["index", "trigger"].contains($0.type) && $0.table.lowercased() == table.lowercased()
        && !remade.contains($0.name.lowercased())
    }.map {
      LintFinding(
        line: piece.line, .warning, rule: "rebuild-loses",
        "the rebuild of \(table) loses the \($0.type) \($0.name)",
        hint: "create it again after the rename")
    }
  }

  /// The new table demands less of its rows than the old one. An index made later can be unique, too.
  private func lostConstraints(_ table: String, _ piece: ScriptReader.Piece, _ index: Int) -> [LintFinding] {
    guard
      let rename = pieces[(index + 1)...].compactMap(\.renamed).first(where: {
        $0.to.lowercased() == table.lowercased()
      }),
      let maker = pieces.first(where: { $0.createdTable?.lowercased() == rename.from.lowercased() }),
      let old = schema.entries.first(where: { $0.type == "table" && $0.name.lowercased() == table.lowercased() }),
      let before = TableConstraints(old.sql),
      let after = TableConstraints(String(decoding: maker.bytes, as: UTF8.self))
    else { return [] }
    let hasUniqueIndex = pieces.contains { $0.keyword(0) == "CREATE" && $0.keyword(1) == "UNIQUE" }
    let lost = before.missing(in: after).filter { !(hasUniqueIndex && $0.hasPrefix("the uniqueness")) }
    guard !lost.isEmpty else { return [] }
    return [
      LintFinding(
        line: piece.line, .warning, rule: "rebuild-loses-constraint",
        "the rebuild of \(table) loses constraints: \(lost.joined(separator: ", "))",
        hint: "declare them in the new table, unless they are meant to go")
    ]
  }

  /// The rows are copied, and the counter then stands at the highest id that is left.
  private func fallingCounter(_ table: String, _ piece: ScriptReader.Piece) -> [LintFinding] {
    guard let counter = counters.first(where: { $0.table.lowercased() == table.lowercased() }),
      !pieces.contains(where: { $0.words.contains { $0.name.lowercased() == "sqlite_sequence" } })
    else { return [] }
    return [
      LintFinding(
        line: piece.line, .warning, rule: "rebuild-resets-counter",
        "the rebuild of \(counter.table) sets its AUTOINCREMENT back from \(counter.value) to \(counter.highest): "
          + "ids that were given out before are given out again",
        hint: "add `UPDATE sqlite_sequence SET seq = \(counter.value) WHERE name = \(SQLQuote.literal(counter.table));`"
          + " behind the rename")
    ]
  }

  private func alter(_ piece: ScriptReader.Piece) -> [LintFinding] {
    guard let drop = piece.topLevel.firstIndex(where: { $0.isWord("DROP") }) else { return [] }
    let words = piece.topLevel
    let column = words[(drop + 1)...].first { !$0.isWord("COLUMN") }?.name ?? ""
    return [
      LintFinding(
        line: piece.line, .warning, rule: "drop-column",
        "drops the column \(column) of \(piece.name(after: 2)) and its content")
    ]
  }

  private func insert(_ piece: ScriptReader.Piece, _ index: Int) -> [LintFinding] {
    let words = piece.topLevel
    guard let into = words.firstIndex(where: { $0.isWord("INTO") }), into + 1 < words.count,
      let select = words.firstIndex(where: { $0.isWord("SELECT") }), select + 1 < words.count,
      words[select + 1].isSymbol("*")
    else { return [] }
    let table = words[into + 1].name.lowercased()
    guard pieces[(index + 1)...].contains(where: { $0.renamed?.from.lowercased() == table }) else { return [] }
    return [
      LintFinding(
        line: piece.line, .warning, rule: "insert-select-star",
        "a rebuild that copies with SELECT * mixes up the columns if their order differs",
        hint: "list the columns on both sides")
    ]
  }
}
