import BelayDriverKit
import CSQLite
import SQLiteDialect

/// The statements of a database's schema, as D1 returns them, and a local database with the same schema, which can be
/// queried without a call to D1.
struct RemoteSchema {
  let entries: [Schema.Entry]

  /// Cloudflare's own tables, which cannot be read, and belay's.
  static func isHidden(_ name: String) -> Bool {
    let name = name.lowercased()
    return name.hasPrefix("_cf_") || OwnTable.all.contains(name)
  }

  /// Reads the schema in one call.
  static func read(_ connection: D1Connection) throws(DriverFailure) -> RemoteSchema {
    let sql =
      "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL"
      + " AND lower(substr(tbl_name, 1, 4)) <> '_cf_' ORDER BY rowid"
    var entries: [Schema.Entry] = []
    for row in try connection.ask(sql) {
      guard row.count == 4, let type = row[0].text, let name = row[1].text, let table = row[2].text,
        let sql = row[3].text
      else { throw DriverFailure(.io, "D1's reply does not have the expected form") }
      if isHidden(name) || isHidden(table) { continue }
      entries.append(Schema.Entry(type: type, name: name, table: table, sql: sql))
    }
    return RemoteSchema(entries: entries)
  }

  /// Creates the tables, without anything that depends on them.
  func makeTables(in database: Database) throws(DriverFailure) {
    // A table may come before one that it refers to. SQLite creates its internal tables itself.
    try database.run("PRAGMA foreign_keys=OFF")
    for entry in entries where entry.type == "table" && !entry.isInternal && !isShadow(entry) {
      try make(entry, in: database)
    }
    let hasSequence = entries.contains { $0.name.lowercased() == "sqlite_sequence" }
    let made = try database.integer("SELECT count(*) FROM sqlite_schema WHERE name = 'sqlite_sequence'")
    if hasSequence, made == 0 {
      // The last AUTOINCREMENT table was dropped, and SQLite keeps the table for ever.
      try database.run(
        "CREATE TABLE \"belay sequence\"(id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE \"belay sequence\"")
    }
  }

  /// Creates what depends on tables. Call it after the rows were loaded, because triggers would run.
  func makeRest(in database: Database) throws(DriverFailure) {
    for type in ["index", "view", "trigger"] {
      for entry in entries where entry.type == type { try make(entry, in: database) }
    }
  }

  private func make(_ entry: Schema.Entry, in database: Database) throws(DriverFailure) {
    do throws(DriverFailure) {
      try database.run(entry.sql)
    } catch {
      guard error.code == .sql else { throw error }
      throw DriverFailure(
        .unsupported,
        "this machine's SQLite \(String(cString: sqlite3_libversion())) does not support what the \(entry.type) \(entry.name) uses: \(error.message)",
        hint: "install a newer libsqlite3")
    }
  }

  private func isShadow(_ entry: Schema.Entry) -> Bool {
    let name = entry.name.lowercased()
    let suffixes = [
      "data", "idx", "content", "docsize", "config", "node", "rowid", "parent", "segments", "segdir", "stat",
    ]
    return entries.contains { owner in
      owner.isVirtual && suffixes.contains { name == "\(owner.name.lowercased())_\($0)" }
    }
  }
}

extension Schema.Entry {
  var isInternal: Bool { name.lowercased().hasPrefix("sqlite_") }
  var isVirtual: Bool { type == "table" && sql.uppercased().hasPrefix("CREATE VIRTUAL") }
}

/// Tables of belay's own in a database.
enum OwnTable {
  /// The last write of each connection, with which a write whose reply was lost can be found.
  static let receipts = "belay_receipts"
  /// Long values, in parts, during a write.
  static let parts = "belay_parts"
  /// In a copy: its database and instant.
  static let instant = "belay_instant"

  /// Who is migrating.
  static let locks = "belay_locks"

  static let all: Set<String> = [receipts, parts, instant, locks]
}
