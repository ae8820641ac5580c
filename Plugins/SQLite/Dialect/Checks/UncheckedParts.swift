import BelayDriverKit
import CSQLite

/// What of a database this library cannot check, because it lacks a collation or a function that the schema needs. The pages
/// are copied and compared all the same, and all rows are read.
package enum UncheckedParts {
  /// One finding for each thing that is missing.
  package static func findings(in database: Database) throws(DriverFailure) -> [PreflightFinding] {
    let all = try missing("PRAGMA main.integrity_check", in: database)
      .union(try missing("PRAGMA main.foreign_key_check", in: database))
    guard !all.isEmpty else { return [] }
    var tables: [MissingPart: [String]] = [:]
    var names: [String] = []
    try database.rows("SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 ORDER BY rowid") { row in
      names.append(row.text(0) ?? "")
    }
    for name in names {
      let literal = SQLQuote.literal(name)
      let found = try missing("PRAGMA main.integrity_check(\(literal))", in: database)
        .union(missing("PRAGMA main.foreign_key_check(\(literal))", in: database))
      for part in found { tables[part, default: []].append(name) }
    }
    let version = String(cString: sqlite3_libversion())
    return tables.sorted { $0.key.name < $1.key.name }.map { part, tables in
      let shown = tables.prefix(5).joined(separator: ", ") + (tables.count > 5 ? " and \(tables.count - 5) more" : "")
      return PreflightFinding(
        .warning, rule: PreflightFinding.uncheckedRule, subject: "\(part.kind.rawValue) \(part.name)",
        "SQLite \(version) does not have it: pages and rows of \(shown) are compared, but indexes and constraints that"
          + " need it are not checked",
        hint: "a statement that needs it fails here; the application that has it can run PRAGMA integrity_check")
    }
  }

  /// Compiles a statement and does not run it.
  private static func missing(_ pragma: String, in database: Database) throws(DriverFailure) -> Set<MissingPart> {
    try database.withStandIns { () throws(DriverFailure) in
      do throws(DriverFailure) {
        _ = try database.prepare(pragma)
      } catch {
        // What else is wrong with the schema is for the checks to say.
        guard error.code == .sql, MissingPart(error) == nil else { throw error }
      }
    }.missing
  }
}
