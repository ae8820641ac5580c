/// What an archive holds of its database, where it is not all of it.
package struct ScopeRecord: Codable, Sendable, Equatable {
  /// The patterns by which its tables were chosen: `[SCHEMA.]TABLE`, with `*` and `?`. Empty lists: every table.
  package var schemas: [String]
  package var tables: [String]
  package var excludedTables: [String]
  /// The target's own scope, from its belay.yaml; false: somebody asked for it once.
  package var configured: Bool
  /// The tables of the database whose rows and definition are not in the archive.
  package var leftOutTables: [TableName]
  /// Other objects that are not in it, since they cannot be made without those tables: `view v`, `foreign_key orders.fk`.
  package var leftOutObjects: [String]

  package init(
    schemas: [String], tables: [String], excludedTables: [String], configured: Bool, leftOutTables: [TableName],
    leftOutObjects: [String]
  ) {
    self.schemas = schemas
    self.tables = tables
    self.excludedTables = excludedTables
    self.configured = configured
    self.leftOutTables = leftOutTables
    self.leftOutObjects = leftOutObjects
  }

  /// That it is a part, and no name.
  var veiled: ScopeRecord {
    ScopeRecord(
      schemas: [], tables: [], excludedTables: [], configured: configured, leftOutTables: [], leftOutObjects: [])
  }

  /// "2 tables (audit, log) and 1 other object"; the first names only.
  package var leftOut: String {
    // Of a manifest that is encrypted too.
    if leftOutTables.isEmpty { return "some of its tables" }
    let shown = leftOutTables.prefix(3).map(\.description) + (leftOutTables.count > 3 ? ["…"] : [])
    let tables = "\(leftOutTables.count) table\(leftOutTables.count == 1 ? "" : "s") (\(shown.joined(separator: ", ")))"
    let others = leftOutObjects.count
    return others == 0 ? tables : tables + " and \(others) other object\(others == 1 ? "" : "s")"
  }
}
