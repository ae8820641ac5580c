import CSQLite
import SQLiteDialect

/// Goes on where SQLite has given up waiting for a lock: writers may never pause, and a copy is worth a longer wait.
struct Perseverance {
  /// How often SQLite may give up, each time after the connection's busy timeout.
  private static let waitsAllowed = 10

  private let watch: Watch
  private var waits = 0

  init(_ watch: Watch) { self.watch = watch }

  /// Whether to try again after this result of SQLite's.
  mutating func triesAgain(after code: Int32) -> Bool {
    guard code & 0xff == SQLITE_BUSY, waits < Self.waitsAllowed, !watch.wantsStop else { return false }
    waits += 1
    return true
  }
}
