import BelayDriverKit

/// The schema of one database as SQLite stores it, read with a few queries whatever the number of tables.
package struct Schema {
  /// One row of sqlite_schema with a statement of its own.
  package struct Entry: Equatable {
    /// "table", "index", "view" or "trigger".
    package var type: String
    package var name: String
    /// The table that it belongs to; for tables and views, their own name.
    package var table: String
    package var sql: String

    package init(type: String, name: String, table: String, sql: String) {
      self.type = type
      self.name = name
      self.table = table
      self.sql = sql
    }
  }

  /// What the engine reports about a table.
  package struct Table {
    package enum Form: String { case table, virtual, shadow, view }
    package var form: Form
    package var isWithoutRowid: Bool
    package var columns: [Column] = []
    /// Its primary key has an index of its own, so no column is an alias of the rowid.
    package var hasKeyIndex = false
  }

  package struct Column {
    package var name: String
    package var type: String
    package var isNotNull: Bool
    package var byDefault: String?
    /// Its position in the primary key, from 1; 0: not part of it.
    package var keyPlace: Int64
    package var isGenerated: Bool
  }

  /// In the order of creation.
  package private(set) var entries: [Entry] = []
  /// By name, spelt as in `entries`.
  package private(set) var tables: [String: Table] = [:]

  /// - Parameter readsVirtual: also reads the columns of virtual tables, which needs their modules.
  package init(of database: Database, readsVirtual: Bool = false) throws(DriverFailure) {
    try readEntries(database)
    try readTables(database, readsVirtual ? "'table', 'shadow', 'virtual'" : "'table', 'shadow'")
  }

  /// The virtual table that a shadow table belongs to. Like SQLite, this takes the longest name that fits.
  package func owner(ofShadow name: String) -> String {
    var candidate = name[...]
    while let underscore = candidate.lastIndex(of: "_") {
      candidate = candidate[..<underscore]
      let match = tables.first { $0.value.form == .virtual && $0.key.lowercased() == candidate.lowercased() }
      if let match { return match.key }
    }
    return ""
  }

  private mutating func readEntries(_ database: Database) throws(DriverFailure) {
    // Entries without a statement are the indexes behind PRIMARY KEY and UNIQUE: part of their tables.
    let sql = "SELECT type, name, tbl_name, sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid"
    var found: [Entry] = []
    try database.rows(sql) { row in
      found.append(
        Entry(type: row.text(0) ?? "", name: row.text(1) ?? "", table: row.text(2) ?? "", sql: row.text(3) ?? ""))
    }
    entries = found
  }

  private mutating func readTables(_ database: Database, _ forms: String) throws(DriverFailure) {
    var found: [String: Table] = [:]
    try database.rows("SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main'") { row in
      let form = Table.Form(rawValue: row.text(1) ?? "") ?? .table
      found[row.text(0) ?? ""] = Table(form: form, isWithoutRowid: row.integer(2) != 0)
    }
    let columns =
      "SELECT t.name, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk, c.hidden"
      + " FROM pragma_table_list AS t, pragma_table_xinfo(t.name, 'main') AS c"
      + " WHERE t.schema = 'main' AND t.type IN (\(forms)) AND c.hidden <> 1 ORDER BY t.name, c.cid"
    try database.rows(columns) { row in
      found[row.text(0) ?? ""]?.columns.append(
        Column(
          name: row.text(1) ?? "", type: row.text(2) ?? "", isNotNull: row.integer(3) != 0, byDefault: row.text(4),
          keyPlace: row.integer(5), isGenerated: row.integer(6) >= 2))
    }
    let keys =
      "SELECT t.name FROM pragma_table_list AS t, pragma_index_list(t.name, 'main') AS i"
      + " WHERE t.schema = 'main' AND t.type IN ('table', 'shadow') AND i.origin = 'pk'"
    try database.rows(keys) { row in found[row.text(0) ?? ""]?.hasKeyIndex = true }
    tables = found
  }
}

extension Schema.Table {
  /// The name by which a rowid without a column is read and written; nil if there is none, or if declared columns hide
  /// all three of its names.
  package var implicitRowid: String? {
    if isWithoutRowid { return nil }
    let keys = columns.count { $0.keyPlace > 0 }
    if keys == 1, !hasKeyIndex { return nil }
    let declared = Set(columns.map { $0.name.lowercased() })
    return ["_rowid_", "rowid", "oid"].first { !declared.contains($0) }
  }
}
