import BelayDriverKit
import CSQLite
import Glibc
import SQLiteDialect

/// Copies a whole database page by page, with SQLite's online backup.
struct PageCopy {
  /// Bytes per step: a few milliseconds, after which a call can be stopped.
  private static let stepBytes = 8 << 20

  private let source: Database
  private let target: Database
  private let what: String
  private let pagesPerStep: Int32

  private init(from source: Database, to target: Database, _ what: String) throws(DriverFailure) {
    self.source = source
    self.target = target
    self.what = what
    pagesPerStep = Int32(Self.stepBytes) / Int32(max(try source.integer("PRAGMA page_size"), 512))
  }

  /// Copies a database that others use into the file at `path`, whose content it replaces, from one instant.
  static func snapshot(of live: Database, into path: String, _ what: String) throws(DriverFailure) {
    // In WAL mode readers do not keep writers waiting. In the other modes they do.
    if try TwoPassCopy.make(of: live, into: path, what) { return try makeFirstPage(of: path, live.watch) }
    // There is no journal, so what an abandoned copy has written remains. It is not a valid database.
    if SystemFile.size(of: path) != 0 { truncate(path, 0) }
    let target = try Database(path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, watch: live.watch)
    defer { target.close() }
    // Nobody else uses the file, and after a crash it is deleted: no journal, no waiting for the disk.
    try target.run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE")
    try PageCopy(from: live, to: target, what).runInOneTransaction()
  }

  /// A database into which nothing was ever written is a file without a byte. A copy that was cut off could look the same, so
  /// this one gets its header.
  private static func makeFirstPage(of path: String, _ watch: Watch) throws(DriverFailure) {
    guard SystemFile.size(of: path) == 0 else { return }
    let copy = try Database(path, flags: SQLITE_OPEN_READWRITE, watch: watch)
    defer { copy.close() }
    try copy.run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA user_version=0")
  }

  /// Makes a live database equal to another one that nobody writes to. Others see the change all at once, at the end.
  /// After a failure, or a kill at any moment, the former content is there.
  /// - Parameter underLock: called once nobody else can write to the live database any more, and before its first page is
  ///   written. Must not use the handle of the live database. If it fails, nothing is written.
  static func replace(
    _ live: Database, with source: Database, _ what: String,
    underLock: (() throws(DriverFailure) -> Void)? = nil
  ) throws(DriverFailure) {
    // Without a page there would be no step between the lock and the end.
    if underLock != nil, try source.integer("PRAGMA page_count") == 0 { try source.run("PRAGMA user_version=0") }
    let copy = try PageCopy(from: source, to: live, what)
    try copy.run(underLock: underLock)
  }

  private func runInOneTransaction() throws(DriverFailure) {
    try source.run("BEGIN")
    do throws(DriverFailure) {
      // BEGIN alone reads nothing; this fixes the instant.
      _ = try source.integer("SELECT count(*) FROM sqlite_schema")
      try run()
      try source.run("COMMIT")
    } catch {
      // The transaction has only read, and the failure has already been reported.
      sqlite3_exec(source.handle, "ROLLBACK", nil, nil, nil)
      throw error
    }
  }

  private func run(underLock: (() throws(DriverFailure) -> Void)? = nil) throws(DriverFailure) {
    guard let backup = sqlite3_backup_init(target.handle, "main", source.handle, "main") else {
      throw target.failure(sqlite3_extended_errcode(target.handle))
    }
    var underLock = underLock
    var perseverance = Perseverance(source.watch)
    while true {
      // A step of no pages locks the target, and writes nothing.
      let code = sqlite3_backup_step(backup, underLock == nil ? pagesPerStep : 0)
      if code == SQLITE_OK, let locked = underLock {
        underLock = nil
        do throws(DriverFailure) {
          try locked()
        } catch {
          sqlite3_backup_finish(backup)
          throw error
        }
        continue
      }
      if code == SQLITE_DONE { break }
      // The copy continues where it was.
      if perseverance.triesAgain(after: code) { continue }
      guard code == SQLITE_OK else { throw abandoned(backup, code) }
      let total = sqlite3_backup_pagecount(backup)
      let now = total - sqlite3_backup_remaining(backup)
      source.watch.progress(Int(now), of: Int(total), what)
      if source.watch.wantsStop { throw abandoned(backup, SQLITE_INTERRUPT) }
    }
    let code = sqlite3_backup_finish(backup)
    guard code == SQLITE_OK else { throw target.failure(code, outcome: .unknown) }
  }

  /// Ends a copy that failed. The target's transaction is rolled back.
  private func abandoned(_ backup: OpaquePointer, _ code: Int32) -> DriverFailure {
    sqlite3_backup_finish(backup)
    // An I/O error may have come while the target committed, before or after the point of no return.
    let outcome: DriverFailure.Outcome = code & 0xff == SQLITE_IOERR ? .unknown : .notApplied
    return EngineFailure.describe(nil, code, path: target.path, watch: source.watch, outcome: outcome)
  }
}
