import BelayDriverKit
import CSQLite

/// One handle of a database file. Used by one thread at a time, as the host guarantees for a connection.
///
/// The file is opened and closed by SQLite alone: POSIX drops all of a process's locks on a file as soon as any of its
/// descriptors is closed.
package final class Database {
  package let handle: OpaquePointer
  /// For messages.
  package let path: String
  package let watch: Watch
  private var isClosed = false
  /// What of the schema SQLite goes on without; nil: it understands all that has been read.
  package var unknownEntry: UnknownEntry?
  /// Told of every statement of the host's; nil: nobody wants to know what they write.
  package var counter: RowCounter?

  /// Opens a file; `flags` as in `sqlite3_open_v2`. `path` may be a `file:` URI if the flags allow it.
  package init(_ path: String, shownAs shown: String? = nil, flags: Int32, watch: Watch) throws(DriverFailure) {
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(path, &opened, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nil)
    guard let opened else { throw DriverFailure(.internal, "SQLite ran out of memory while opening a connection") }
    handle = opened
    self.path = shown ?? path
    self.watch = watch
    guard code == SQLITE_OK else {
      let failure = EngineFailure.describe(handle, code, path: self.path, watch: watch)
      sqlite3_close_v2(opened)
      isClosed = true
      throw failure
    }
    watch.attach(to: opened)
  }

  deinit { close() }

  /// Closes the file. Does nothing the second time.
  package func close() {
    if isClosed { return }
    isClosed = true
    sqlite3_close_v2(handle)
  }

  /// No transaction is open.
  package var isAutocommit: Bool { sqlite3_get_autocommit(handle) != 0 }

  /// The failure of SQLite's last call on this handle.
  package func failure(_ code: Int32, outcome: DriverFailure.Outcome = .notApplied, sqlOffset: Int = 0) -> DriverFailure
  {
    EngineFailure.describe(handle, code, path: path, watch: watch, outcome: outcome, sqlStart: sqlOffset)
  }

  /// Compiles one statement; any text after it is ignored. For the driver's own SQL.
  package func prepare(_ sql: String) throws(DriverFailure) -> Statement {
    var compiled: OpaquePointer?
    let code = sqlite3_prepare_v3(handle, sql, -1, 0, &compiled, nil)
    guard code == SQLITE_OK else { throw failure(code) }
    guard let compiled else { throw DriverFailure(.sql, "the statement is empty") }
    return Statement(compiled, self)
  }

  /// Runs the driver's own statements.
  package func run(_ sql: String) throws(DriverFailure) {
    let code = sqlite3_exec(handle, sql, nil, nil, nil)
    guard code == SQLITE_OK else { throw failure(code) }
  }

  /// Runs one of the driver's own queries.
  package func rows(_ sql: String, _ values: [String] = [], _ body: (borrowing Statement) throws(DriverFailure) -> Void)
    throws(DriverFailure)
  {
    let statement = try prepare(sql)
    for (index, value) in values.enumerated() { try statement.bind(value, at: index + 1) }
    while try statement.step() { try body(statement) }
  }

  /// The first value of the first row as a whole number; 0 if there is none.
  package func integer(_ sql: String, _ values: [String] = []) throws(DriverFailure) -> Int64 {
    var result: Int64 = 0
    try rows(sql, values) { (row) throws(DriverFailure) in result = row.integer(0) }
    return result
  }

  /// The first value of the first row as text; empty if there is none.
  package func text(_ sql: String, _ values: [String] = []) throws(DriverFailure) -> String {
    var result = ""
    try rows(sql, values) { (row) throws(DriverFailure) in result = row.text(0) ?? "" }
    return result
  }
}
