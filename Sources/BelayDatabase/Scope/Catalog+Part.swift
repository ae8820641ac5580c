import BelayABI
import BelayArchive
import BelayDrivers

extension Catalog {
  /// Without the objects that an archive of a part of its database has left out; all of it where that is nil.
  package func without(_ part: ScopeRecord?) -> Catalog {
    guard let part else { return self }
    let tables = self.tables(in: part).union(part.leftOutTables)
    let others = Set(part.leftOutObjects)
    return Catalog(
      objects: objects.filter { object in
        if others.contains("\(object.kind) \(object.label)") { return false }
        return object.ownTable.map { !tables.contains($0) } ?? true
      })
  }

  /// The tables with rows that such an archive has left out, shadow tables among them.
  package func tables(in part: ScopeRecord?) -> Set<TableName> {
    let leftOut = Set(part?.leftOutTables ?? [])
    return Set(tables.filter { leftOut.contains($0.ownerName) || leftOut.contains($0.tableName) }.map(\.tableName))
  }
}

extension DatabaseState {
  /// As `Catalog.without`, with the rows.
  package func without(_ part: ScopeRecord?) -> DatabaseState {
    guard let part else { return self }
    let leftOut = catalog.tables(in: part)
    return DatabaseState(catalog: catalog.without(part), tables: tables.filter { !leftOut.contains($0.key) })
  }
}

extension SchemaObject {
  /// The table that it is, or belongs to; nil: none. A function may be called like a table.
  var ownTable: TableName? {
    if kind == "table" || parent.isEmpty && flags.contains(.noRows) { return TableName(schema: schema, name: name) }
    return parent.isEmpty ? nil : TableName(schema: schema, name: parent)
  }
}

extension CatalogTable {
  /// A shadow table is chosen with the virtual table that keeps its rows in it.
  var ownerName: TableName {
    flags.contains(.shadow) && !object.parent.isEmpty ? TableName(schema: schema, name: object.parent) : tableName
  }
}
