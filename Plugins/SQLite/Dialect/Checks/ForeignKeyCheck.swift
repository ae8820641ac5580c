import BelayDriverKit

/// Rows that refer to nothing, and foreign keys that no row can satisfy.
package struct ForeignKeyCheck {
  private let database: Database

  package init(_ database: Database) { self.database = database }

  /// - Parameter tables: rows of others, and rows that refer to others, are not looked at; nil: all are.
  package func findings(ofTables tables: Set<String>? = nil) throws(DriverFailure) -> [IntegrityFinding] {
    let looked = tables.map { Set($0.map { $0.lowercased() }) }
    var findings: [IntegrityFinding] = []
    // One by one: the first key that cannot work would end the check of all.
    for child in try children() {
      var keys: [Int64: [Column]] = [:]
      for column in try columns(of: child) { keys[column.key, default: []].append(column) }
      for (_, columns) in keys.sorted(by: { $0.key < $1.key }) {
        if let finding = missingParent(child, columns) { findings.append(finding) }
      }
      let parents = keys.values.flatMap { $0.map(\.parent) }
      let isLookedAt = looked.map { !$0.isDisjoint(with: ([child] + parents).map { $0.lowercased() }) } ?? true
      do throws(DriverFailure) {
        var broken: [IntegrityFinding] = []
        guard isLookedAt else {
          // A key that cannot work is found by compiling the check.
          _ = try database.prepare("PRAGMA main.foreign_key_check(\(SQLQuote.literal(child)))")
          continue
        }
        try database.rows("PRAGMA main.foreign_key_check(\(SQLQuote.literal(child)))") { row in
          let names = keys[row.integer(3)]?.map(\.name).joined(separator: ", ") ?? ""
          broken.append(
            IntegrityFinding(
              check: "foreign_key", object: child, identity: row.text(1).map { "rowid \($0)" },
              message: "\(names) refers to a row that does not exist in \(row.text(2) ?? "")"))
        }
        findings += broken
      } catch {
        // A missing collation tells nothing of the rows. Of others, only a key that is wrong.
        if MissingPart(error) != nil { continue }
        guard error.code == .sql, error.message.contains("foreign key mismatch") else { throw error }
        findings.append(mismatch(child, keys, error))
      }
    }
    return findings
  }

  private struct Column {
    let key: Int64
    let parent: String
    let name: String
    let referred: String
    let hasParent: Bool
  }

  private func children() throws(DriverFailure) -> [String] {
    var tables: [String] = []
    let sql =
      "SELECT DISTINCT t.name FROM pragma_table_list AS t, pragma_foreign_key_list(t.name, 'main') AS f"
      + " WHERE t.schema = 'main' AND t.type = 'table' ORDER BY t.name"
    try database.rows(sql) { row in tables.append(row.text(0) ?? "") }
    return tables
  }

  private func columns(of child: String) throws(DriverFailure) -> [Column] {
    var columns: [Column] = []
    let sql =
      "SELECT f.id, f.\"table\", f.\"from\", f.\"to\", EXISTS (SELECT 1 FROM main.sqlite_schema AS s"
      + " WHERE s.type IN ('table', 'view') AND s.name = f.\"table\" COLLATE NOCASE)"
      + " FROM pragma_foreign_key_list(?1, 'main') AS f ORDER BY f.id, f.seq"
    try database.rows(sql, [child]) { row in
      columns.append(
        Column(
          key: row.integer(0), parent: row.text(1) ?? "", name: row.text(2) ?? "", referred: row.text(3) ?? "",
          hasParent: row.integer(4) != 0))
    }
    return columns
  }

  private func missingParent(_ child: String, _ columns: [Column]) -> IntegrityFinding? {
    guard let first = columns.first, !first.hasParent else { return nil }
    let names = columns.map(\.name).joined(separator: ", ")
    return IntegrityFinding(
      check: "definition", object: child,
      message: "the foreign key on \(names) refers to the table \(first.parent), which does not exist: "
        + "rows that refer to it cannot be written")
  }

  /// SQLite's own words name the tables, and not what is wrong with them.
  private func mismatch(_ child: String, _ keys: [Int64: [Column]], _ failure: DriverFailure) -> IntegrityFinding {
    let key = keys.sorted { $0.key < $1.key }.map(\.value).first { columns in
      columns.first.map { failure.message.contains("referencing \"\($0.parent)\"") } ?? false
    }
    guard let key, let parent = key.first?.parent else {
      return IntegrityFinding(check: "definition", object: child, message: failure.message)
    }
    let names = key.map(\.name).joined(separator: ", ")
    let referred = key.map(\.referred).filter { !$0.isEmpty }.joined(separator: ", ")
    let what =
      referred.isEmpty
      ? "\(parent), which has no primary key to refer to"
      : "\(parent)(\(referred)), which is neither a primary key nor unique"
    return IntegrityFinding(
      check: "definition", object: child,
      message: "the foreign key on \(names) refers to \(what): SQLite writes no row of either table")
  }
}
