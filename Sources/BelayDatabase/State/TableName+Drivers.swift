import BelayArchive
import BelayDrivers

extension CatalogTable {
  package var tableName: TableName { TableName(schema: schema, name: name) }
}

extension TableFootprint {
  package var tableName: TableName { TableName(schema: schema, name: table) }
}
