import BelayDriverKit
import CSQLite
import Glibc
import SQLiteDialect

extension SQLiteConnection {
  func traits() throws(DriverFailure) -> Traits {
    var traits = Traits()
    traits.hasTransactions = true
    traits.hasTransactionalDDL = true
    traits.hasStableRead = true
    traits.isExclusive = true
    traits.swaps = true
    traits.isReadOnly = sqlite3_db_readonly(live.handle, "main") != 0
    traits.serverName = "SQLite"
    traits.serverVersion = String(cString: sqlite3_libversion())
    traits.identity = "sqlite:" + file.path
    // IMMEDIATE: a transaction that begins with reading can fail later, when it starts to write.
    traits.begin = traits.isReadOnly ? "BEGIN" : "BEGIN IMMEDIATE"
    traits.commit = "COMMIT"
    traits.rollback = "ROLLBACK"
    traits.loadBegin = "PRAGMA foreign_keys=OFF;\nBEGIN;"
    traits.loadEnd = "COMMIT;"
    traits.maxSQLBytes = Int(sqlite3_limit(live.handle, SQLITE_LIMIT_SQL_LENGTH, -1))
    traits.maxParameters = Int(sqlite3_limit(live.handle, SQLITE_LIMIT_VARIABLE_NUMBER, -1))
    let pages = try live.integer("PRAGMA page_count")
    traits.databaseBytes = UInt64(pages * (try live.integer("PRAGMA page_size")))
    traits.freeBytes = Self.freeBytes(in: file.folder)
    traits.restoreSteps = try restoreSteps()
    return traits
  }

  private func restoreSteps() throws(DriverFailure) -> [String] {
    // Virtual tables and carriage returns are restored by writing to the schema table, which newer shells protect.
    let guarded =
      try live.integer(
        "SELECT count(*) FROM sqlite_schema WHERE (rootpage = 0 AND type = 'table') OR instr(sql, char(13)) > 0") > 0
    let shell = guarded ? "sqlite3 -cmd '.dbconfig defensive off'" : "sqlite3"
    return [
      "zstd -d full_backup.db.zst -o restored.db",
      "",
      "zstd -dc full_backup.sql.zst | \(shell) restored-from-sql.db",
    ]
  }

  /// Free space for this user in a folder; 0 if it is not known.
  static func freeBytes(in folder: String) -> UInt64 {
    var status = statvfs()
    guard statvfs(folder, &status) == 0 else { return 0 }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }
}
