import BelayArchive
import BelayDatabase
import BelayDrivers

extension DatabaseState {
  /// Whether tables, and all that are parts of them, hold the rows that they held before. One that was empty, or was not
  /// there, has none to lose.
  func holdsRows(of tables: Set<TableName>, asIn before: DatabaseState) -> Bool {
    let family = before.catalog.family(of: tables).union(catalog.family(of: tables))
    return family.allSatisfy { table in
      guard let was = before.tables[table] else { return true }
      guard let now = self.tables[table] else { return was.rows == 0 }
      return now.matches(was)
    }
  }
}

extension Catalog {
  /// Tables, and those whose rows belong to one of them.
  fileprivate func family(of tables: Set<TableName>) -> Set<TableName> {
    var found = tables
    var parts: Set<TableName>
    repeat {
      parts = Set(
        self.tables.filter { found.contains(TableName(schema: $0.schema, name: $0.object.parent)) }.map(\.tableName)
      ).subtracting(found)
      found.formUnion(parts)
    } while !parts.isEmpty
    return found
  }
}
