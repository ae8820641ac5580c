import BelayDrivers

extension CatalogTable {
  /// A table as a catalog has it, of which only the names are known.
  package init(_ name: String, schema: String = "", columns: [String]) {
    self.init(
      object: SchemaObject(kind: "table", schema: schema, name: name),
      columns: columns.map { SchemaObject(kind: "column", schema: schema, name: $0, parent: name) })
  }
}

extension Connection {
  /// All rows of a table, as a backup reads them.
  package func rows(of table: CatalogTable) throws -> [[Value]] {
    var rows: [[Value]] = []
    try read(table, operation: Operation(), rows: { rows += $0.values })
    return rows
  }
}
