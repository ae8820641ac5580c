import BelayDriverKit
import CSQLite
import Glibc
import SQLiteDialect

extension SQLiteConnection {
  func execute(_ sql: String, operation: Operation) throws(DriverFailure) -> Int64? {
    try during(operation) { () throws(DriverFailure) in
      var script = RunningScript(live)
      let text = try SQLText(sql)
      var offset = 0
      var changed: Int64 = 0
      while let (statement, end) = try script.compile(text, from: offset) {
        if let rows = try script.run(statement, startingAt: offset) { changed = rows }
        offset = end
      }
      return changed
    }
  }

  func execute(_ sql: String, rows: Parameters, operation: Operation) throws(DriverFailure) -> Int64? {
    try during(operation) { () throws(DriverFailure) in
      let text = try SQLText(sql)
      let statement = try text.onlyStatement(in: live)
      // All rows or none, with one sync to the disk. A savepoint works inside a transaction too.
      try live.run("SAVEPOINT \"belay rows\"")
      live.counter?.statementBegins()
      do throws(DriverFailure) {
        let before = sqlite3_total_changes64(live.handle)
        for row in 0..<rows.rowCount {
          try statement.bind(rows, row: row)
          while try statement.step() {}
          sqlite3_reset(statement.handle)
        }
        let changed = sqlite3_total_changes64(live.handle) - before
        try live.run("RELEASE \"belay rows\"")
        live.counter?.statementEnded()
        return changed
      } catch {
        sqlite3_reset(statement.handle)
        live.counter?.statementEnded(failed: true)
        // Some failures (disk full, I/O) have already ended the whole transaction; then there is nothing to undo.
        if !live.isAutocommit { try live.run("ROLLBACK TO \"belay rows\"; RELEASE \"belay rows\"") }
        throw error
      }
    }
  }
}

/// Runs statements in order, and knows what state the database is in when one of them fails.
struct RunningScript {
  let database: Database
  /// A statement has written something that can no longer be rolled back.
  private var hasCommitted = false
  /// A statement has written something in a transaction that is still open.
  private var hasPending = false

  init(_ database: Database) { self.database = database }

  /// Compiles the statement that starts at a byte; nil at the end of the text.
  func compile(_ text: SQLText, from offset: Int) throws(DriverFailure) -> (statement: OpaquePointer, end: Int)? {
    var offset = offset
    while offset < text.count {
      let (compiled, end, code) = text.compile(at: offset, in: database)
      guard code == SQLITE_OK else {
        throw database.failure(code, outcome: outcome(of: code, wasWriting: false), sqlOffset: offset)
      }
      // Empty statements and comments compile to nothing.
      if let compiled { return (compiled, end) }
      offset = end
    }
    return nil
  }

  /// Runs one statement and finalises it.
  /// - Returns: rows changed; nil for statements that change none.
  mutating func run(_ statement: OpaquePointer, startingAt offset: Int) throws(DriverFailure) -> Int64? {
    let writes = sqlite3_stmt_readonly(statement) == 0
    let before = sqlite3_total_changes64(database.handle)
    let wasAutocommit = database.isAutocommit
    let kind = StatementKind(statement)
    let isRollback = !wasAutocommit && kind == .rollback
    database.counter?.statementBegins(kind)
    var code = sqlite3_step(statement)
    while code == SQLITE_ROW { code = sqlite3_step(statement) }
    sqlite3_finalize(statement)
    let hasFailed = code != SQLITE_DONE
    defer { database.counter?.statementEnded(failed: hasFailed) }
    guard code == SQLITE_DONE else {
      // INSERT OR FAIL keeps the rows before the one that failed.
      if sqlite3_total_changes64(database.handle) != before { note(written: true) }
      throw database.failure(
        code, outcome: outcome(of: code, wasWriting: writes || !wasAutocommit), sqlOffset: offset)
    }
    if isRollback { noteRollback() } else { note(written: writes) }
    guard writes else { return nil }
    return sqlite3_total_changes64(database.handle) == before ? 0 : sqlite3_changes64(database.handle)
  }

  private mutating func note(written: Bool) {
    if written { hasPending = true }
    guard database.isAutocommit, hasPending else { return }
    hasPending = false
    hasCommitted = true
  }

  /// The transaction that was open is gone without a trace.
  private mutating func noteRollback() { hasPending = false }

  private func outcome(of code: Int32, wasWriting: Bool) -> DriverFailure.Outcome {
    // An I/O error in the middle of a commit may come before or after the point of no return.
    if wasWriting, code & 0xff == SQLITE_IOERR, database.isAutocommit { return .unknown }
    if hasCommitted { return .partial }
    // If the transaction is gone now, SQLite has rolled it back itself.
    return hasPending && !database.isAutocommit ? .partial : .notApplied
  }
}
