import BelayDriverKit
import CSQLite
import SQLiteDialect

extension SQLiteConnection: ArchivedRunning {
  func executeArchived(_ sql: String, kind: String, operation: Operation) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      let (text, bytes) = (try SQLText(sql), Array(sql.utf8))
      let bounds = ArchiveBounds(live)
      defer { bounds.end() }
      var script = RunningScript(live)
      var offset = 0
      while !ArchivedStatement.isBlank(bytes, from: offset) {
        guard let statement = ArchivedStatement(bytes, from: offset, kind: kind) else {
          throw ArchiveBounds.refusal(
            kind == "rows" ? "a statement that adds no rows" : "a statement that makes no \(kind)", at: offset)
        }
        bounds.begin(statement, kind: kind)
        do throws(DriverFailure) {
          guard let (compiled, end) = try script.compile(text, from: offset) else { break }
          _ = try script.run(compiled, startingAt: offset)
          offset = end
        } catch {
          guard error.vendorCode & 0xff == SQLITE_AUTH else { throw error }
          throw ArchiveBounds.refusal("a statement that reaches beyond the database", at: offset)
        }
      }
    }
  }
}

/// Keeps statements of an archive within the database that is open. SQLite asks it about most of what a statement does;
/// `ArchivedStatement` keeps out the rest, such as VACUUM INTO.
private final class ArchiveBounds {
  private let database: Database
  private let trustsSchema: Int32
  private let isDefensive: Int32
  private var isSchemaTableOpen = false

  init(_ database: Database) {
    self.database = database
    trustsSchema = belay_sqlite3_db_flag_now(database.handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA)
    isDefensive = belay_sqlite3_db_flag_now(database.handle, SQLITE_DBCONFIG_DEFENSIVE)
    sqlite3_set_authorizer(
      database.handle,
      { _, action, third, fourth, schema, _ in
        ArchiveBounds.allows(action, third, fourth, schema) ? SQLITE_OK : SQLITE_DENY
      }, nil)
  }

  func begin(_ statement: ArchivedStatement, kind: String) {
    if statement.opensSchemaTable { isSchemaTableOpen = true }
    if statement.closesSchemaTable { isSchemaTableOpen = false }
    set(SQLITE_DBCONFIG_DEFENSIVE, statement.writesSchemaTable ? 0 : 1)
    // Rows fire the triggers of the database into which they are loaded: those may use virtual tables, which SQLite does
    // not let a schema use that it does not trust.
    set(SQLITE_DBCONFIG_TRUSTED_SCHEMA, kind == "rows" ? trustsSchema : 0)
  }

  func end() {
    sqlite3_set_authorizer(database.handle, nil, nil)
    set(SQLITE_DBCONFIG_DEFENSIVE, isDefensive)
    set(SQLITE_DBCONFIG_TRUSTED_SCHEMA, trustsSchema)
    // The archive's statements have failed in between, or do not say so themselves.
    if isSchemaTableOpen { sqlite3_exec(database.handle, "PRAGMA writable_schema=RESET", nil, nil, nil) }
  }

  private func set(_ option: Int32, _ value: Int32) { _ = belay_sqlite3_db_flag(database.handle, option, value) }

  static func refusal(_ what: String, at offset: Int) -> DriverFailure {
    DriverFailure(
      .invalid, "the archive contains \(what), which belay never writes",
      hint: "somebody has changed the archive: use another one", sqlOffset: offset)
  }

  // MARK: What SQLite asks

  private static let refused: Set<Int32> = [
    SQLITE_ATTACH, SQLITE_DETACH, SQLITE_TRANSACTION, SQLITE_SAVEPOINT, SQLITE_ALTER_TABLE, SQLITE_DROP_INDEX,
    SQLITE_DROP_VIEW, SQLITE_DROP_TRIGGER, SQLITE_DROP_VTABLE, SQLITE_CREATE_TEMP_INDEX, SQLITE_CREATE_TEMP_TABLE,
    SQLITE_CREATE_TEMP_TRIGGER, SQLITE_CREATE_TEMP_VIEW, SQLITE_DROP_TEMP_INDEX, SQLITE_DROP_TEMP_TABLE,
    SQLITE_DROP_TEMP_TRIGGER, SQLITE_DROP_TEMP_VIEW,
  ]

  private static let pragmas: Set<String> = [
    "encoding", "page_size", "auto_vacuum", "application_id", "user_version", "writable_schema",
    // FTS5 asks for it.
    "data_version",
  ]

  /// Those of SQLite and its common extensions that load code or reach files.
  private static let functions: Set<String> = [
    "load_extension", "readfile", "writefile", "edit", "fts3_tokenizer", "lsmode", "zipfile", "sqlar_uncompress",
    "icu_load_collation",
  ]

  private static let modules: Set<String> = [
    "sqlite_dbpage", "dbstat", "csv", "zipfile", "fsdir", "unionvtab", "swarmvtab",
  ]

  private static func allows(
    _ action: Int32, _ third: UnsafePointer<CChar>?, _ fourth: UnsafePointer<CChar>?, _ schema: UnsafePointer<CChar>?
  ) -> Bool {
    // `CREATE TABLE temp.t` has no action of its own, but writes to the table of that schema.
    if text(schema) == "temp" { return false }
    return switch action {
    case SQLITE_PRAGMA: pragmas.contains(text(third))
    case SQLITE_FUNCTION: !functions.contains(text(fourth))
    case SQLITE_CREATE_VTABLE: !modules.contains(text(fourth))
    default: !refused.contains(action)
    }
  }

  private static func text(_ characters: UnsafePointer<CChar>?) -> String {
    characters.map { String(cString: $0).lowercased() } ?? ""
  }
}
