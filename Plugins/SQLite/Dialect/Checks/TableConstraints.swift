import BelayDriverKit
import CSQLite

/// What a table demands of its rows, as SQLite reads its statement.
package struct TableConstraints {
  /// In small letters.
  private var columns: Set<String> = []
  private var notNull: Set<String> = []
  private var keys: Set<[String]> = []
  /// By the referring columns.
  private var references: [[String]: Reference] = [:]
  /// Columns that get a value where a statement gives them none.
  private var defaults: Set<String> = []
  /// By column, where it is not SQLite's own.
  private var collations: [String: String] = [:]
  private var isStrict = false
  private var checks = 0
  private var hasSequence = false

  private struct Reference {
    var table: String
    /// "ON DELETE CASCADE", one for each that does something.
    var actions: Set<String>
  }

  /// - Parameter sql: CREATE TABLE. nil where SQLite does not take it.
  package init?(_ sql: String) {
    do throws(DriverFailure) {
      let watch = Watch(busyTimeoutMilliseconds: 0)
      let database = try Database(
        ":memory:", shownAs: "a table", flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY,
        watch: watch)
      defer { database.close() }
      let name = try database.withStandIns { () throws(DriverFailure) in
        try database.run(sql)
        return try database.text("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid LIMIT 1")
      }.result
      try read(name, database)
    } catch {
      return nil
    }
    checks = CanonicalSQL.count("CHECK", in: sql)
    hasSequence = CanonicalSQL.contains("AUTOINCREMENT", in: sql)
  }

  private mutating func read(_ table: String, _ database: Database) throws(DriverFailure) {
    var (columns, notNull, defaults): (Set<String>, Set<String>, Set<String>) = ([], [], [])
    var primary: [(place: Int64, name: String)] = []
    try database.rows("SELECT name, \"notnull\", pk, dflt_value FROM pragma_table_xinfo(?1)", [table]) { row in
      let name = (row.text(0) ?? "").lowercased()
      columns.insert(name)
      if row.integer(1) != 0 { notNull.insert(name) }
      if let value = row.text(3), value.uppercased() != "NULL" { defaults.insert(name) }
      if row.integer(2) > 0 { primary.append((row.integer(2), name)) }
    }
    (self.columns, self.notNull, self.defaults) = (columns, notNull, defaults)
    for column in columns { collations[column] = Self.collation(of: column, in: table, database) }
    isStrict = try database.integer("SELECT strict FROM pragma_table_list(?1) WHERE schema = 'main'", [table]) != 0
    var keys: [String: [String]] = [:]
    let unique =
      "SELECT i.name, c.name FROM pragma_index_list(?1) AS i, pragma_index_info(i.name) AS c"
      + " WHERE i.\"unique\" AND NOT i.partial ORDER BY i.name, c.seqno"
    try database.rows(unique, [table]) { row in
      keys[row.text(0) ?? "", default: []].append((row.text(1) ?? "").lowercased())
    }
    if !primary.isEmpty { keys["primary"] = primary.sorted { $0.place < $1.place }.map(\.name) }
    self.keys = Set(keys.values.map { $0.sorted() })
    var froms: [Int64: [String]] = [:]
    var found: [Int64: Reference] = [:]
    let references =
      "SELECT id, \"table\", \"from\", on_delete, on_update FROM pragma_foreign_key_list(?1) ORDER BY id, seq"
    try database.rows(references, [table]) { row in
      froms[row.integer(0), default: []].append((row.text(2) ?? "").lowercased())
      let actions = [("ON DELETE", row.text(3) ?? ""), ("ON UPDATE", row.text(4) ?? "")].filter { $0.1 != "NO ACTION" }
      found[row.integer(0)] = Reference(table: row.text(1) ?? "", actions: Set(actions.map { "\($0.0) \($0.1)" }))
    }
    for (id, from) in froms { self.references[from.sorted()] = found[id] }
  }

  /// nil: BINARY, as every column has it that names none.
  private static func collation(of column: String, in table: String, _ database: Database) -> String? {
    var name: UnsafePointer<CChar>?
    let code = sqlite3_table_column_metadata(database.handle, "main", table, column, nil, &name, nil, nil, nil)
    guard code == SQLITE_OK, let name else { return nil }
    let text = String(cString: name).uppercased()
    return text == "BINARY" ? nil : text
  }

  /// What a table with other constraints lacks of these, for a message. A column that it does not have takes its own along.
  package func missing(in other: TableConstraints) -> [String] {
    var lost = notNull.subtracting(other.notNull).intersection(other.columns).sorted().map { "NOT NULL of \($0)" }
    for key in keys.subtracting(other.keys).sorted(by: { $0.lexicographicallyPrecedes($1) })
    where other.columns.isSuperset(of: key) {
      lost.append("the uniqueness of (\(key.joined(separator: ", ")))")
    }
    for (columns, reference) in references.sorted(by: { $0.key.lexicographicallyPrecedes($1.key) })
    where other.columns.isSuperset(of: columns) {
      let key = "the foreign key of (\(columns.joined(separator: ", "))) to \(reference.table)"
      if let kept = other.references[columns] {
        lost += reference.actions.subtracting(kept.actions).sorted().map { "\($0) of \(key)" }
      } else {
        lost.append(key)
      }
    }
    lost += defaults.subtracting(other.defaults).intersection(other.columns).sorted().map { "the default of \($0)" }
    for (column, collation) in collations.sorted(by: { $0.key < $1.key })
    where other.columns.contains(column) && other.collations[column] != collation {
      lost.append("COLLATE \(collation) of \(column)")
    }
    if isStrict, !other.isStrict { lost.append("STRICT") }
    if checks > other.checks, other.columns.isSuperset(of: columns) {
      lost.append(checks - other.checks == 1 ? "a CHECK constraint" : "\(checks - other.checks) CHECK constraints")
    }
    if hasSequence, !other.hasSequence { lost.append("AUTOINCREMENT") }
    return lost
  }
}
