/// What a command's exit status tells a script. The numbers are a record: `docs/exit-codes.md`.
package enum ExitStatus: Int32, Codable, Sendable {
  case done = 0
  /// Failed; the database is as it was.
  case failed = 1
  case doneWithWarnings = 3
  /// No such archive, run, table, target or driver.
  case notFound = 10
  /// Another run holds this target, or an unfinished one waits for `belay recover`.
  case locked = 11
  /// A code to type was needed and not given, or was wrong. Nothing was changed.
  case wrongCode = 12
  case backupFailed = 20
  case verificationFailed = 21
  /// Preflight refused. The database is untouched.
  case refused = 22
  /// The migration failed; rolled back, and proven.
  case migrationFailed = 30
  /// A check or the contract failed; rolled back, and proven.
  case checkFailed = 31
  /// The migration failed, and stopped there by choice: earlier transactions of it stay, and the failed one is rolled back,
  /// and proven.
  case stopped = 32
  /// Not rolled back completely: `belay recover`.
  case notRolledBack = 40
  case usage = 64
  /// SIGINT or SIGHUP; rolled back, and proven.
  case interrupted = 130
  /// SIGTERM; rolled back, and proven.
  case terminated = 143
}
