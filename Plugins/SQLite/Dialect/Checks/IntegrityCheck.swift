import BelayDriverKit
import CSQLite

/// SQLite's own check of a database, as findings; also of one for which this library lacks a collation or a function.
package struct IntegrityCheck {
  package enum Depth: String {
    /// All that is read in order: every page, every row, not whether indexes agree with their tables.
    case quick = "quick_check"
    /// Indexes too.
    case full = "integrity_check"
  }

  /// Beyond that nobody reads on.
  private static let mostFindings = 10_000

  private let database: Database

  package init(_ database: Database) { self.database = database }

  package func findings(_ depth: Depth) throws(DriverFailure) -> [IntegrityFinding] {
    var messages: [String]
    do throws(DriverFailure) {
      messages = try self.messages("PRAGMA main.\(depth.rawValue)(\(Self.mostFindings))")
    } catch {
      guard MissingPart(error) != nil else { throw error }
      messages = try messagesByTable(depth)
    }
    if depth == .quick { messages = try withoutFalseNulls(messages) }
    return messages.map { IntegrityFinding(check: depth.rawValue, words: $0) }
  }

  /// Tables that need nothing missing are checked as ever; of all tables and indexes, the pages.
  private func messagesByTable(_ depth: Depth) throws(DriverFailure) -> [String] {
    var found: [String] = []
    for table in try tables() {
      do throws(DriverFailure) {
        found += try messages("PRAGMA main.\(depth.rawValue)(\(SQLQuote.literal(table)))")
      } catch {
        guard MissingPart(error) != nil else { throw error }
      }
    }
    let known = Set(found)
    let ofContent = ["constraint", "index"]
    for message in try pageMessages() where !known.contains(message) {
      // Stand-ins say nothing of what the rows should be.
      if !ofContent.contains(IntegrityFinding(check: depth.rawValue, words: message).check) { found.append(message) }
    }
    return found
  }

  private func pageMessages() throws(DriverFailure) -> [String] {
    let ignores = try database.integer("PRAGMA ignore_check_constraints")
    try database.run("PRAGMA ignore_check_constraints=ON")
    let found = Result { () throws(DriverFailure) in
      try database.withStandIns { () throws(DriverFailure) in
        try messages("PRAGMA main.quick_check(\(Self.mostFindings))")
      }
    }
    try database.run("PRAGMA ignore_check_constraints=\(ignores)")
    return try found.get().result
  }

  private func tables() throws(DriverFailure) -> [String] {
    var tables: [String] = []
    try database.rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY rowid") { row in
      tables.append(row.text(0) ?? "")
    }
    return tables
  }

  /// Each line by itself.
  private func messages(_ pragma: String) throws(DriverFailure) -> [String] {
    var found: [String] = []
    do throws(DriverFailure) {
      try database.rows(pragma) { row in
        for line in (row.text(0) ?? "").split(separator: "\n") where line != "ok" && !line.hasPrefix("*** in database")
        {
          found.append(String(line))
        }
      }
    } catch {
      // So bad that the check itself cannot go on.
      guard error.code == .corrupt, !found.isEmpty else { throw error }
    }
    return found
  }

  // MARK: Faults of the check itself

  /// quick_check of SQLite 3.40.0 to 3.41.0 takes other columns for NULL in a WITHOUT ROWID table whose key has another order
  /// than its columns. What it says there is looked at.
  private func withoutFalseNulls(_ messages: [String]) throws(DriverFailure) -> [String] {
    guard (3_040_000...3_041_000).contains(sqlite3_libversion_number()) else { return messages }
    let prefix = "NULL value in "
    guard messages.contains(where: { $0.hasPrefix(prefix) }) else { return messages }
    var columns: [String: (table: String, column: String)] = [:]
    let sql =
      "SELECT t.name, c.name FROM pragma_table_list AS t, pragma_table_xinfo(t.name, 'main') AS c"
      + " WHERE t.schema = 'main' AND t.type IN ('table', 'shadow') AND t.wr <> 0"
    try database.rows(sql) { row in
      let (table, column) = (row.text(0) ?? "", row.text(1) ?? "")
      columns["\(table).\(column)"] = (table, column)
    }
    var isTrue: [String: Bool] = [:]
    for message in Set(messages) where message.hasPrefix(prefix) {
      guard let (table, column) = columns[String(message.dropFirst(prefix.count))] else { continue }
      let nulls = "SELECT count(*) FROM \(SQLQuote.name(table)) WHERE \(SQLQuote.name(column)) IS NULL"
      isTrue[message] = try database.withStandIns { () throws(DriverFailure) in try database.integer(nulls) > 0 }.result
    }
    return messages.filter { isTrue[$0] ?? true }
  }
}
