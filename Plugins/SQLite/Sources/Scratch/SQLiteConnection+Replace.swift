import BelayDriverKit
import CSQLite
import SQLiteDialect

extension SQLiteConnection {
  /// Makes the live database equal to a file of belay's, through SQLite: others may have the live file open, in WAL
  /// mode or not, and its name, inode, permissions and journal mode stay the same. All or nothing.
  /// - Parameter lastMoment: takes what is in the live database when nobody can write to it any more.
  func replaceLive(
    withContentOf path: String, _ operation: Operation, _ what: String, keeping lastMoment: LastMoment? = nil
  ) throws(DriverFailure) {
    try refuseTransaction("replacing the database")
    try refuseMovedFile()
    guard sqlite3_db_readonly(live.handle, "main") == 0 else {
      throw DriverFailure(.denied, "\(file.path) is opened read-only")
    }
    let source = try Database(path, flags: SQLITE_OPEN_READWRITE, watch: watch)
    defer { source.close() }
    source.loadSchemaIfPossible()
    // It is a file of belay's, which need not survive: to sync it would keep others waiting who commit.
    try source.run("PRAGMA synchronous=OFF")
    // The WAL flag in the header is copied with its page; SQLite reverts it only if the live database is in WAL mode.
    guard try source.text("PRAGMA main.journal_mode=DELETE") == "delete" else {
      throw DriverFailure(.busy, "\(path) is still open elsewhere", hint: "close every connection to the scratch copy")
    }
    let encoding = try source.text("PRAGMA encoding")
    let wasEncoded = try live.text("PRAGMA encoding")
    let underLock = { () throws(DriverFailure) in if let lastMoment { try lastMoment.take(what) } }
    if let converted = try convertedToLivePages(source) {
      let pages = try Database(readingCopy: converted.path, watch: watch)
      defer { pages.close() }
      try PageCopy.replace(live, with: pages, what, underLock: lastMoment == nil ? nil : underLock)
    } else {
      try PageCopy.replace(live, with: source, what, underLock: lastMoment == nil ? nil : underLock)
    }
    emptyWAL()
    live.loadSchemaIfPossible()
    if encoding != wasEncoded { try reopen(operation) }
  }

  /// In WAL mode SQLite cannot change a file's page size, so the content is copied into a file with the existing one.
  private func convertedToLivePages(_ source: Database) throws(DriverFailure) -> TemporaryFile? {
    let pageSize = try live.integer("PRAGMA main.page_size")
    guard try live.text("PRAGMA main.journal_mode") == "wal",
      try source.integer("PRAGMA main.page_size") != pageSize
    else { return nil }
    let file = try TemporaryFile(in: copyFolder, prefix: ".\(file.name).belay-pages")
    // VACUUM INTO keeps rowids even if no column is an alias of them; plain VACUUM does not.
    try source.run("PRAGMA main.page_size=\(pageSize)")
    try source.run("VACUUM main INTO \(SQLQuote.literal(file.path))")
    return file
  }

  /// The write-ahead log has just grown to the size of the database. If readers still need it, SQLite empties it later,
  /// as usual.
  private func emptyWAL() {
    sqlite3_busy_handler(live.handle, nil, nil)
    sqlite3_wal_checkpoint_v2(live.handle, "main", SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
    watch.attach(to: live.handle)
  }
}
