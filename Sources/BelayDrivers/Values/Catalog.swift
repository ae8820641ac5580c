import BelayABI

/// Every object of a database's schema, in the order that recreates them.
package struct Catalog: Sendable, Equatable, Codable {
  package var objects: [CatalogObject]

  package init(objects: [CatalogObject] = []) { self.objects = objects }

  /// The objects that hold rows, each with its columns, in the catalog's order.
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

/// One object of the schema. Objects of equal identity and equal definition are the same.
package struct CatalogObject: Sendable, Equatable, Codable {
  package var kind: String
  package var schema: String
  package var name: String
  package var parent: String
  package var nativeType: String
  /// Canonical text: equal text, equal object.
  package var definition: String
  /// The statements that recreate it; empty where part of the parent's.
  package var ddl: String
  /// The statement that removes it; nil: it goes with its parent, or by the host's own words.
  package var drop: String?
  package var flags: ObjectFlags
  /// Rows of a table; nil where unknown.
  package var rowEstimate: Int?

  package init(
    kind: String, schema: String = "", name: String, parent: String = "", nativeType: String = "",
    definition: String = "", ddl: String = "", drop: String? = nil, flags: ObjectFlags = [], rowEstimate: Int? = nil
  ) {
    self.kind = kind
    self.schema = schema
    self.name = name
    self.parent = parent
    self.nativeType = nativeType
    self.definition = definition
    self.ddl = ddl
    self.drop = drop
    self.flags = flags
    self.rowEstimate = rowEstimate
  }

  package var identity: ObjectIdentity { ObjectIdentity(kind: kind, schema: schema, parent: parent, name: name) }
}

/// What makes two objects the same one, before and after a change.
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
  package var object: CatalogObject
  package var columns: [CatalogObject]

  package init(object: CatalogObject, columns: [CatalogObject]) {
    self.object = object
    self.columns = columns
  }

  package var schema: String { object.schema }
  package var name: String { object.name }
  package var flags: ObjectFlags { object.flags }
  package var rowEstimate: Int? { object.rowEstimate }
  /// Has rows of its own to back up.
  package var hasRows: Bool { !flags.contains(.noRows) }
  /// What is read and written: all columns but the computed ones.
  package var storedColumns: [CatalogObject] { columns.filter { !$0.flags.contains(.generated) } }

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
    """
    INSERT INTO \(traits.quoted(schema: schema, name: name)) (\(selectList(traits))) \
    VALUES (\(traits.placeholders(storedColumns.count)))
    """
  }
}
