import BelayArchive
import BelayDrivers

extension CatalogTable {
  package var tableName: TableName { TableName(schema: schema, name: name) }
}

extension TableFootprint {
  package var tableName: TableName { TableName(schema: schema, name: table) }
}

extension Catalog {
  /// The table of that name, with its columns.
  package func table(_ name: TableName) -> CatalogTable? {
    let object = objects.first { $0.kind == "table" && $0.schema == name.schema && $0.name == name.name }
    return object.map { found in
      CatalogTable(
        object: found,
        columns: objects.filter { $0.kind == "column" && $0.schema == name.schema && $0.parent == name.name })
    }
  }

  /// The table of that name; nil also for one that has no rows of its own.
  package func tableWithRows(_ name: TableName) -> CatalogTable? { table(name).flatMap { $0.hasRows ? $0 : nil } }
}
