import BelayDriverKit

/// What writes rows of one table when a statement writes another: the actions of its foreign keys, and triggers.
package struct ReachedTables {
  private var ways: [String: [String]] = [:]

  /// - Parameter written: tables of which rows were written: of no other is it read.
  package init(in database: Database, written: Set<String>) throws(DriverFailure) {
    guard !written.isEmpty else { return }
    for table in written.sorted() {
      ways[table] = try Self.keys(of: table, in: database)
    }
    try database.rows("SELECT name, tbl_name, sql FROM main.sqlite_schema WHERE type = 'trigger' ORDER BY rowid") {
      row in
      let (name, owner, sql) = (row.text(0) ?? "", row.text(1) ?? "", (row.text(2) ?? "").lowercased())
      // What fires it names its own table.
      guard let start = sql.firstRange(of: "begin")?.upperBound else { return }
      for table in written where sql[start...].contains(table.lowercased()) {
        ways[table, default: []].append("trigger \(name) of \(owner)")
      }
    }
  }

  /// "ON DELETE CASCADE of posts.author, trigger count_posts of posts"; nil: nothing.
  package subscript(table: String) -> String? {
    guard let found = ways[table], !found.isEmpty else { return nil }
    return found.prefix(3).joined(separator: ", ") + (found.count > 3 ? " …" : "")
  }

  private static func keys(of table: String, in database: Database) throws(DriverFailure) -> [String] {
    var found: [String] = []
    let harmless: Set<String> = ["NO ACTION", "RESTRICT"]
    try database.rows(
      "SELECT group_concat(\"from\", ', '), on_delete, on_update FROM pragma_foreign_key_list(?) GROUP BY id ORDER BY id",
      [table]
    ) { row in
      let columns = row.text(0) ?? ""
      for (event, action) in [("DELETE", row.text(1) ?? ""), ("UPDATE", row.text(2) ?? "")]
      where !harmless.contains(action) {
        found.append("ON \(event) \(action) of \(table).\(columns)")
      }
    }
    return found
  }
}
