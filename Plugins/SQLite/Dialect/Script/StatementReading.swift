import BelayDriverKit
import CSQLite

/// Analyzes one statement after another in the clone, and finds out what each writes.
package struct StatementReading {
  private let clone: SchemaClone

  package init(_ clone: SchemaClone) { self.clone = clone }

  /// Every statement of a script, in order.
  package mutating func read(script: UnsafeRawBufferPointer) throws(DriverFailure) -> [ScriptStatement] {
    var pieces = ScriptReader(script)
    var statements: [ScriptStatement] = []
    while let piece = pieces.next() {
      try clone.database.watch.check()
      statements.append(try read(piece))
    }
    return statements
  }

  package mutating func read(_ piece: ScriptReader.Piece) throws(DriverFailure) -> ScriptStatement {
    var statement = ScriptStatement(offset: piece.start, length: piece.end - piece.start, line: piece.line)
    if piece.isClient {
      statement.flags = .client
      statement.note = "a command of the sqlite3 shell, not SQL"
    } else if piece.isUnterminated {
      unread(&statement, "a string, a quoted name or a comment in it is not closed")
      statement.flags.insert(.wrongSyntax)
    } else if let sql = String(validating: piece.bytes, as: UTF8.self), !sql.utf8.contains(0) {
      try read(piece, sql, &statement)
    } else {
      unread(&statement, "it is not UTF-8, or contains a NUL byte")
    }
    return statement
  }

  private func read(
    _ piece: ScriptReader.Piece, _ sql: String, _ statement: inout ScriptStatement
  ) throws(DriverFailure) {
    switch piece.keyword(0) {
    case "BEGIN", "SAVEPOINT":
      statement.flags = .opensTransaction
      runIgnoringFailure(sql)
    case "COMMIT", "END", "ROLLBACK", "RELEASE":
      statement.flags = .endsTransaction
      // Schema changes that are rolled back do not exist for the statements that follow.
      runIgnoringFailure(sql)
    case "VACUUM":
      statement.flags = .refusesTransaction
      if piece.words.contains(where: { $0.isWord("INTO") }) { statement.note = "writes another file" }
    case "ATTACH", "DETACH":
      unread(&statement, "belay protects one database, and does not see what is written to an attached one")
    case "PRAGMA":
      PragmaReading(piece).describe(&statement)
      if PragmaReading(piece).name == "legacy_alter_table" { runIgnoringFailure(sql) }
    case "EXPLAIN":
      break
    default:
      try compile(piece, sql, &statement)
    }
  }

  private func compile(
    _ piece: ScriptReader.Piece, _ sql: String, _ statement: inout ScriptStatement
  ) throws(DriverFailure) {
    let text = try SQLText(sql)
    clone.recorder.clear()
    var (compiled, end, code) = text.compile(at: 0, in: clone.database)
    if code != SQLITE_OK, errorMessage.contains("because it is a view") {
      // Only its INSTEAD OF trigger makes a view writable. What that trigger does is still not recorded.
      clone.setTriggers(true)
      clone.recorder.clear()
      (compiled, end, code) = text.compile(at: 0, in: clone.database)
      clone.setTriggers(false)
    }
    defer { sqlite3_finalize(compiled) }
    var writes = WriteList(clone)
    guard code == SQLITE_OK, let compiled else {
      let reason = clone.recorder.refusal ?? errorMessage
      // What was recorded before the error is correct, but not complete.
      for access in clone.recorder.accesses { try writes.add(access, piece) }
      statement.writes = writes.list
      if Self.isOfSyntax(reason) { statement.flags.insert(.wrongSyntax) }
      return unread(&statement, reason)
    }
    if end < text.count, ScriptReader.hasWords(piece.bytes, from: end) {
      unread(&statement, "SQLite ends the statement earlier than belay does")
    }
    if piece.isSchemaChange {
      try run(compiled, piece, sql, &writes, &statement)
    } else {
      for access in clone.recorder.accesses { try writes.add(access, piece) }
    }
    statement.writes = writes.list
    try tellColumns(piece, &statement)
  }

  /// Which columns get the value of an expression.
  private func tellColumns(_ piece: ScriptReader.Piece, _ statement: inout ScriptStatement) throws(DriverFailure) {
    guard !statement.flags.contains(.unread) else { return }
    let written = statement.writes.filter { !$0.actions.isDisjoint(with: [.insert, .update]) }
    guard written.count <= 1, written.allSatisfy({ $0.kind == "table" && $0.schema.isEmpty }) else { return }
    let columns = try written.first.map { (table) throws(DriverFailure) in
      try clone.columns(of: table.name, onlyWritable: true)
    }
    guard let found = ColumnExpressions(piece, columns: columns ?? []) else { return }
    statement.flags.insert(.tellsColumns)
    guard let table = written.first, let columns else { return }
    let computed = Set(found.names.map { $0.lowercased() })
    for column in columns where computed.contains(column.lowercased()) {
      statement.writes.append(
        ScriptWrite(
          kind: "column", name: column, parent: table.name, actions: table.actions.intersection([.insert, .update])))
    }
  }

  /// Schema changes are run in the clone, so that later statements see them. There are no rows.
  private func run(
    _ compiled: OpaquePointer, _ piece: ScriptReader.Piece, _ sql: String, _ writes: inout WriteList,
    _ statement: inout ScriptStatement
  ) throws(DriverFailure) {
    // For DROP TABLE, the authorizer reports a DELETE too. It is left out: the host must be able to distinguish a table
    // that is rebuilt from one whose rows are deleted.
    let isDrop = piece.keyword(0) == "DROP"
    let accesses = clone.recorder.accesses.filter { !(isDrop && $0.action == SQLITE_DELETE) }
    let altered = accesses.first { $0.action == SQLITE_ALTER_TABLE }?.second
    for access in accesses where altered == nil { try writes.add(access, piece) }
    let before = try altered.map { (table) throws(DriverFailure) in try AlteredTable(table, clone) }
    clone.recorder.clear()
    var code = SQLITE_DONE
    if let emptied = piece.withoutRows {
      // CREATE TABLE … AS SELECT could generate millions of rows.
      code = sqlite3_exec(clone.database.handle, emptied, nil, nil, nil)
    } else {
      repeat { code = sqlite3_step(compiled) } while code == SQLITE_ROW
    }
    guard code == SQLITE_DONE || code == SQLITE_OK else {
      try clone.database.watch.check()
      return unread(&statement, errorMessage)
    }
    if let before { try writes.addChanges(from: before) }
    // A virtual table's module creates and removes its storage while the statement runs.
    if accesses.contains(where: { $0.action == SQLITE_CREATE_VTABLE }) {
      for access in clone.recorder.accesses where access.action == SQLITE_CREATE_TABLE {
        try writes.add(access, piece)
      }
    }
  }

  /// SQLite has one code for every error of a statement; its parser's messages are these.
  private static func isOfSyntax(_ message: String) -> Bool {
    message.hasSuffix(": syntax error") || message.hasPrefix("unrecognized token: ") || message == "incomplete input"
  }

  private func unread(_ statement: inout ScriptStatement, _ note: String) {
    statement.flags.insert(.unread)
    statement.note = note
  }

  private var errorMessage: String { String(cString: sqlite3_errmsg(clone.database.handle)) }

  /// COMMIT without BEGIN fails here; the host decides what that means.
  private func runIgnoringFailure(_ sql: String) { sqlite3_exec(clone.database.handle, sql, nil, nil, nil) }
}

extension ScriptReader {
  /// There is more than whitespace and comments from this byte on.
  package static func hasWords(_ bytes: UnsafeRawBufferPointer, from position: Int) -> Bool {
    var words = SQLWords(bytes, from: position)
    while let word = words.next() {
      if word.kind != .semicolon { return true }
    }
    return false
  }
}

extension ScriptReader.Piece {
  fileprivate var isSchemaChange: Bool { ["CREATE", "DROP", "ALTER", "ANALYZE"].contains(keyword(0)) }

  /// CREATE TABLE … AS SELECT …, changed so that it selects no rows; nil for other statements.
  fileprivate var withoutRows: String? {
    guard let select = createdBySelect else { return nil }
    let head = UnsafeRawBufferPointer(rebasing: bytes[..<(select - start)])
    let query = UnsafeRawBufferPointer(rebasing: bytes[(select - start)...])
    return String(decoding: head, as: UTF8.self) + " SELECT * FROM (" + String(decoding: query, as: UTF8.self)
      + "\n) LIMIT 0"
  }

  /// Where the SELECT of CREATE TABLE … AS SELECT … starts; nil for other statements.
  package var createdBySelect: Int? {
    guard keyword(0) == "CREATE" else { return nil }
    let kind = ["TEMP", "TEMPORARY"].contains(keyword(1)) ? 2 : 1
    guard keyword(kind) == "TABLE" else { return nil }
    for word in words.dropFirst(kind + 1) {
      if word.isSymbol("(") { return nil }
      if word.isWord("AS") { return word.end }
    }
    return nil
  }
}
