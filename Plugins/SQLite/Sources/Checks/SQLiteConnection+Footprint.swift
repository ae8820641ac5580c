import BelayDriverKit
import SQLiteDialect

extension SQLiteConnection: FootprintReading {
  /// A transaction that writes keeps all other writers off the whole database. What was rolled back to a savepoint stays
  /// counted.
  func footprint(operation: Operation) throws(DriverFailure) -> [TableFootprint] {
    try during(operation) { () throws(DriverFailure) in
      let isOpen = !live.isAutocommit
      let counter = live.counter
      try counter?.check()
      let reached = isOpen ? try ReachedTables(in: live, written: counter?.tables ?? []) : nil
      var found: [TableFootprint] = []
      try live.rows("SELECT name, rootpage FROM main.sqlite_schema WHERE type = 'table' AND rootpage > 0") { row in
        let name = row.text(0) ?? ""
        let counts = counter?[name] ?? RowCounter.Counts()
        let storage = counter?.storage(of: name, root: row.integer(1)) ?? String(row.integer(1))
        found.append(
          TableFootprint(
            schema: "", table: name, lock: isOpen ? "RESERVED" : nil, blocks: isOpen ? .writes : .nothing,
            storage: storage, inserted: counts.all.inserted, updated: counts.all.updated, deleted: counts.all.deleted,
            own: counts.own, reachedBy: counts.all == counts.own ? nil : reached?[name]))
      }
      return found
    }
  }

  /// SQLite sees to NOT NULL, CHECK and UNIQUE by itself, and to foreign keys where they are on: but not where a table took
  /// the place of another.
  func checkFootprint(operation: Operation) throws(DriverFailure) -> [IntegrityFinding] {
    try during(operation) { () throws(DriverFailure) in
      try live.counter?.check()
      let made = live.counter?.made ?? []
      let isEnforced = try live.integer("PRAGMA foreign_keys") != 0
      let doubtful = isEnforced ? made : made.union(live.counter?.tables ?? [])
      return try ForeignKeyCheck(live).findings(ofTables: doubtful) + (try DefinitionCheck(live)?.findings() ?? [])
    }
  }

  func probe(_ feature: DriverExtension, operation: Operation) throws(DriverFailure) {
    guard feature == .footprint, !RowCounter.isPossible else { return }
    throw DriverFailure(
      .unsupported, "this SQLite library does not tell which rows a statement writes",
      hint: "use one that was built with SQLITE_ENABLE_PREUPDATE_HOOK, as Debian's is")
  }
}
