import BelayABI

/// Every object of a database's schema, in the order that recreates them.
package struct Catalog: Sendable, Equatable, Codable {
  package var objects: [SchemaObject]

  package init(objects: [SchemaObject] = []) { self.objects = objects }

  /// The objects that contain rows, each with its columns, in the catalog's order.
  package var tables: [CatalogTable] {
    struct Key: Hashable { var schema, name: String }
    let columns = Dictionary(grouping: objects.filter { $0.kind == "column" }) {
      Key(schema: $0.schema, name: $0.parent)
    }
    return objects.filter { $0.kind == "table" }.map {
      CatalogTable(object: $0, columns: columns[Key(schema: $0.schema, name: $0.name)] ?? [])
    }
  }
}

extension SchemaObject {
  package var identity: ObjectIdentity { ObjectIdentity(kind: kind, schema: schema, parent: parent, name: name) }
}

/// Identifies an object, before and after a change.
package struct ObjectIdentity: Sendable, Hashable, Codable {
  package var kind: String
  package var schema: String
  package var parent: String
  package var name: String

  package init(kind: String, schema: String = "", parent: String = "", name: String) {
    self.kind = kind
    self.schema = schema
    self.parent = parent
    self.name = name
  }
}

/// A table with its columns, as backups, digests and checks read it.
package struct CatalogTable: Sendable, Equatable {
  package var object: SchemaObject
  package var columns: [SchemaObject]

  package init(object: SchemaObject, columns: [SchemaObject]) {
    self.object = object
    self.columns = columns
  }

  package var schema: String { object.schema }
  package var name: String { object.name }
  package var flags: ObjectFlags { object.flags }
  package var rowEstimate: Int? { object.rowEstimate }
  /// It has rows of its own to back up.
  package var hasRows: Bool { !flags.contains(.noRows) }
  /// Its rows are the values of counters, such as sequences. The SQL text of a backup does not have them.
  package var holdsCounters: Bool {
    flags.contains(.internal) && storedColumns.contains { $0.flags.contains(.counter) }
  }
  /// The columns that are read and written: all except the computed ones.
  package var storedColumns: [SchemaObject] { columns.filter { !$0.flags.contains(.generated) } }

  /// The stored columns, quoted, for SELECT and INSERT.
  package func selectList(_ traits: Traits) -> String {
    storedColumns.map { traits.quoted($0.name) }.joined(separator: ", ")
  }

  /// Reads every stored column of every row.
  package func selectStatement(_ traits: Traits) -> String {
    "SELECT \(selectList(traits)) FROM \(traits.quoted(schema: schema, name: name))"
  }

  /// Adds one row, its values as parameters.
  package func insertStatement(_ traits: Traits) -> String {
    let table = traits.quoted(schema: schema, name: name)
    if storedColumns.isEmpty { return "INSERT INTO \(table) DEFAULT VALUES" }
    return "INSERT INTO \(table) (\(selectList(traits))) VALUES (\(traits.placeholders(storedColumns.count)))"
  }
}
