import BelayABI
import BelayArchive
import BelayDrivers

extension SchemaObject {
  /// The table that it is, or belongs to; nil: none. A function may be called like a table.
  package var ownTable: TableName? {
    if kind == "table" || parent.isEmpty && flags.contains(.noRows) { return ownName }
    return parent.isEmpty ? nil : parentName
  }

  /// Its name with its schema.
  package var ownName: TableName { TableName(schema: schema, name: name) }

  /// The name of what it belongs to, in its schema.
  package var parentName: TableName { TableName(schema: schema, name: parent) }
}

extension CatalogTable {
  /// A shadow table is chosen with the virtual table that keeps its rows in it.
  package var ownerName: TableName {
    flags.contains(.shadow) && !object.parent.isEmpty ? TableName(schema: schema, name: object.parent) : tableName
  }
}
