import BelayDriverKit

/// Rows that are neither a table's of the user nor made by ddl; the driver writes them back by functions of the server.
struct ServerTable {
  let table: SchemaObject
  let columns: [SchemaObject]

  private init(_ name: String, _ columns: [(name: String, type: String, isKey: Bool)]) {
    table = SchemaObject(
      kind: "table", schema: "pg_catalog", name: name, definition: "TABLE", flags: .internal)
    self.columns = columns.map {
      SchemaObject(
        kind: "column", schema: "pg_catalog", name: $0.name, parent: name, nativeType: $0.type, definition: $0.type,
        flags: $0.isKey ? [.notNull, .primaryKey] : [])
    }
  }

  /// Where each sequence stands; last_value is NULL where it was not called yet.
  static let sequenceValues = ServerTable(
    "pg_sequences", [("schemaname", "name", true), ("sequencename", "name", true), ("last_value", "bigint", false)])

  /// The content of large objects, in pages.
  static let largeObjects = ServerTable(
    "pg_largeobject", [("loid", "oid", true), ("pageno", "integer", true), ("data", "bytea", false)])
}
