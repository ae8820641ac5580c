import BelayDriverKit
import CSQLite
import SQLiteDialect

/// A SQLite file on this machine instead of a D1 database, for verification and rehearsal if the account does not
/// accept temporary databases. It follows D1's rules as far as SQLite can be configured to: one implicit transaction
/// per call, foreign keys on, the same limits, the same statements refused.
///
/// It cannot reproduce what only D1 has: another version of SQLite, D1's execution times, its network.
final class StandIn: Engine {
  private let file: StandInFile
  private let database: Database
  private let permissions = Permissions()
  /// The commits of this connection.
  private var commits = 0

  init(_ file: StandInFile, watch: Watch) throws(DriverFailure) {
    self.file = file
    database = try Database(file.path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOFOLLOW, watch: watch)
    // After a crash the file is deleted: no waiting for the disk.
    try database.run("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; PRAGMA foreign_keys=ON")
    for (limit, value) in Self.limits { sqlite3_limit(database.handle, limit, Int32(value)) }
    permissions.attach(to: database)
  }

  private static let limits: [(Int32, Int)] = [
    (SQLITE_LIMIT_LENGTH, Limits.valueBytes), (SQLITE_LIMIT_SQL_LENGTH, Limits.statementBytes),
    (SQLITE_LIMIT_COLUMN, Limits.columns), (SQLITE_LIMIT_VARIABLE_NUMBER, Limits.parameters),
    (SQLITE_LIMIT_FUNCTION_ARG, Limits.functionArguments), (SQLITE_LIMIT_LIKE_PATTERN_LENGTH, Limits.patternBytes),
    (SQLITE_LIMIT_COMPOUND_SELECT, Limits.compoundSelects), (SQLITE_LIMIT_EXPR_DEPTH, Limits.expressionDepth),
  ]

  static var version: String { String(cString: sqlite3_libversion()) }

  var key: String { file.name }

  func describe(_ traits: inout Traits) {
    traits.serverName = "SQLite"
    traits.serverVersion = Self.version
    traits.databaseBytes = UInt64(SystemFile.size(of: file.path) ?? 0)
    traits.identity = "d1-copy:\(file.path)"
  }

  func bookmark() throws(CallFailure) -> String {
    do throws(DriverFailure) {
      return "\(commits).\(try database.integer("PRAGMA data_version"))"
    } catch {
      throw CallFailure(error, .answered)
    }
  }

  func answers(
    _ statements: [String], _ kind: API.Kind, shielded: Bool
  ) throws(CallFailure) -> [StatementAnswer] {
    do throws(DriverFailure) {
      return try transaction { () throws(DriverFailure) in
        var answers: [StatementAnswer] = []
        for statement in statements { answers.append(try run(statement)) }
        return answers
      }
    } catch {
      throw CallFailure(error, .answered)
    }
  }

  /// All or nothing, unlike D1's own imports.
  func runFile(
    for connection: D1Connection, opening: [String], _ content: FileContent
  ) throws(DriverFailure) {
    let result = Result { () throws(DriverFailure) in
      // Some pragmas have an effect only outside a transaction, and some only until its end.
      for pragma in opening { _ = try run(pragma) }
      try transaction { () throws(DriverFailure) in
        for pragma in opening { _ = try run(pragma) }
        try content { (statement) throws(DriverFailure) in _ = try run(statement) }
      }
    }
    try database.run("PRAGMA foreign_keys=ON")
    try result.get()
  }

  private func transaction<R>(_ body: () throws(DriverFailure) -> R) throws(DriverFailure) -> R {
    try database.run("BEGIN")
    do throws(DriverFailure) {
      let result = try body()
      try database.run("COMMIT")
      commits += 1
      return result
    } catch {
      // Some failures have already ended it.
      if !database.isAutocommit { try database.run("ROLLBACK") }
      throw error
    }
  }

  private func run(_ sql: String) throws(DriverFailure) -> StatementAnswer {
    do throws(DriverFailure) {
      return try permissions.watching { () throws(DriverFailure) in try answer(to: sql) }
    } catch {
      throw Self.explained(error)
    }
  }

  private func answer(to sql: String) throws(DriverFailure) -> StatementAnswer {
    let before = sqlite3_total_changes64(database.handle)
    let statement = try SQLText(sql).onlyStatement(in: database)
    var hasRow = try statement.step()
    // After the first step, in which SQLite compiles again if the schema has changed meanwhile.
    let columns = RowReader(statement.handle, storesUTF8: true).columns
    var rows = StatementAnswer.Rows(columns: columns.map(\.name), rows: [])
    while hasRow {
      rows.rows.append(columns.indices.map { statement.cell(Int32($0)) })
      hasRow = try statement.step()
    }
    return StatementAnswer(rows, changes: sqlite3_total_changes64(database.handle) - before)
  }

  private static func explained(_ failure: DriverFailure) -> DriverFailure {
    var failure = failure
    // An offset in one statement is not an offset in its script.
    failure.sqlOffset = nil
    if failure.code == .sql, failure.hint.isEmpty {
      failure.hint =
        "SQLite \(version) on this machine ran it instead of D1; if D1 supports it and SQLite does not, use --no-rehearse"
    }
    return failure
  }
}

extension Statement {
  /// In the form in which the API would return it.
  fileprivate borrowing func cell(_ column: Int32) -> JSONCell {
    switch sqlite3_column_type(handle, column) {
    case SQLITE_INTEGER: return .integer(integer(column))
    case SQLITE_FLOAT: return .real(sqlite3_column_double(handle, column))
    case SQLITE_TEXT: return .text(text(column) ?? "")
    case SQLITE_BLOB:
      let start = sqlite3_column_blob(handle, column)
      let count = start == nil ? 0 : Int(sqlite3_column_bytes(handle, column))
      return .bytes(Array(UnsafeRawBufferPointer(start: start, count: count)))
    default: return .null
    }
  }
}
