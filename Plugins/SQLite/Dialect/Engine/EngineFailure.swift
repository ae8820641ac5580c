import BelayDriverKit
import CSQLite

/// Turns SQLite's error codes into belay's.
package enum EngineFailure {
  /// Describes the failure of a handle's last call. `sqlStart`: where the failed statement starts in the host's text.
  package static func describe(
    _ handle: OpaquePointer?, _ code: Int32, path: String, watch: Watch,
    outcome: DriverFailure.Outcome = .notApplied, sqlStart: Int = 0
  ) -> DriverFailure {
    if let stopped = watch.stopped, [SQLITE_INTERRUPT, SQLITE_BUSY].contains(code & 0xff) {
      return DriverFailure(
        stopped, watch.stopFailure(outcome: outcome).message, outcome: outcome, vendorCode: Int64(code))
    }
    let words = handle.map { String(cString: sqlite3_errmsg($0)) } ?? String(cString: sqlite3_errstr(code))
    var failure = classify(code, words, path)
    failure.outcome = outcome
    failure.vendorCode = Int64(code)
    let offset = handle.map { sqlite3_error_offset($0) } ?? -1
    if offset >= 0 { failure.sqlOffset = sqlStart + Int(offset) }
    return failure
  }

  private static func classify(_ code: Int32, _ words: String, _ path: String) -> DriverFailure {
    switch code & 0xff {
    case SQLITE_BUSY, SQLITE_LOCKED:
      DriverFailure(
        .busy, "\(path) is locked by another connection: \(words)",
        hint: "try again when the other program has finished, or increase busy_timeout_ms")
    case SQLITE_INTERRUPT:
      DriverFailure(.cancelled, "cancelled")
    case SQLITE_CONSTRAINT, SQLITE_MISMATCH:
      DriverFailure(.constraint, words)
    case SQLITE_NOTADB:
      DriverFailure(
        .corrupt, "\(path) is not a SQLite database", hint: "it may be another kind of file, or be encrypted")
    case SQLITE_CORRUPT:
      DriverFailure(
        .corrupt, "\(path) is damaged: \(words)", hint: "check it with: sqlite3 FILE 'PRAGMA integrity_check'")
    case SQLITE_FULL:
      DriverFailure(.io, "\(path): \(words)", hint: "make room on the disk")
    case SQLITE_IOERR:
      DriverFailure(.io, "\(path): \(words) (\(String(cString: sqlite3_errstr(code))))")
    case SQLITE_CANTOPEN:
      DriverFailure(.io, "\(path) cannot be opened: \(words)", hint: "check the permissions of the file and its folder")
    case SQLITE_READONLY where code == SQLITE_READONLY | 3 << 8:  // SQLITE_READONLY_ROLLBACK, a macro C alone can read
      DriverFailure(
        .denied,
        "a program died while it wrote to \(path): its transaction must be rolled back before the file can be read",
        hint: "open the file once with write access, e.g. with: sqlite3 FILE 'SELECT 1 FROM sqlite_schema'")
    case SQLITE_READONLY, SQLITE_PERM, SQLITE_AUTH:
      DriverFailure(
        .denied, "\(path): \(words)", hint: "check the permissions of the file and its folder, and the option read_only"
      )
    case SQLITE_NOMEM: DriverFailure(.io, "SQLite has run out of memory")
    case SQLITE_MISUSE: DriverFailure(.internal, "SQLite was called incorrectly: \(words)")
    default: DriverFailure(.sql, words)
    }
  }
}
