import BelayABI
import BelayArchive
import BelayDrivers

extension SchemaObject {
  /// The table that it is, or belongs to; nil: none. A function may be called like a table.
  var ownTable: TableName? {
    if kind == "table" || parent.isEmpty && flags.contains(.noRows) { return TableName(schema: schema, name: name) }
    return parent.isEmpty ? nil : TableName(schema: schema, name: parent)
  }
}

extension CatalogTable {
  /// A shadow table is chosen with the virtual table that keeps its rows in it.
  package var ownerName: TableName {
    flags.contains(.shadow) && !object.parent.isEmpty ? TableName(schema: schema, name: object.parent) : tableName
  }
}
