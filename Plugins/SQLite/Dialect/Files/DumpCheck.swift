import BelayDriverKit
import CSQLite

/// Proves that a file of belay's is a complete, undamaged SQLite database. Rows that violate a constraint, and indexes that
/// lack a row, were like that in the database it was copied from: a copy of them is undamaged.
package enum DumpCheck {

  /// Bytes.
  private static let mappedAtMost: Int64 = 100 << 20

  package static func check(_ path: String, _ depth: IntegrityCheck.Depth, watch: Watch) throws(DriverFailure) {
    let database = try Database(readingCopy: path, watch: watch)
    defer { database.close() }
    // Whoever wrote the dump: what its schema says is not to do anything.
    for (option, value): (Int32, Int32) in [(SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0), (SQLITE_DBCONFIG_DEFENSIVE, 1)] {
      _ = belay_sqlite3_db_flag(database.handle, option, value)
    }
    let pageSize = try database.integer("PRAGMA page_size")
    let size = SystemFile.size(of: path) ?? 0
    guard size > 0 else { throw DriverFailure(.corrupt, "the dump is empty") }
    // The header contains the number of pages: a dump that was truncated at the end of a page would look complete.
    let pages = try database.integer("PRAGMA page_count")
    let counted = try headerPageCount(path)
    guard pages * pageSize == size, counted == 0 || counted * pageSize == size else {
      throw DriverFailure(.corrupt, "the dump has \(size) bytes, but its header says \(counted * pageSize)")
    }
    // The check reads at random: with the file mapped, it is several times faster. Mapping is safe because nobody else
    // uses the file. But mapped pages count as memory, so a large file is read through a cache.
    let mapped = size <= mappedAtMost ? size : 0
    try database.run("PRAGMA mmap_size=\(mapped); PRAGMA cache_size=-100000")
    let damage = try IntegrityCheck(database).findings(depth).filter(\.isDamage)
    guard damage.isEmpty else {
      throw DriverFailure(.corrupt, "the dump is damaged: \(damage.prefix(5).map(\.message).joined(separator: "; "))")
    }
  }

  /// Bytes 28 to 31; 0 where it was last written by SQLite before 3.7.
  private static func headerPageCount(_ path: String) throws(DriverFailure) -> Int64 {
    let header = try TemporaryFile.head(path, 100)
    guard header.count == 100 else { return 0 }
    // The count holds only where the change counter agrees with the version-valid-for number.
    guard header[24..<28].elementsEqual(header[92..<96]) else { return 0 }
    return header[28..<32].reduce(0) { $0 << 8 | Int64($1) }
  }
}
