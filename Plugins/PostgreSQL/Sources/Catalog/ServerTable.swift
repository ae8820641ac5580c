import BelayDriverKit

/// Rows that are neither a table's of the user nor made by ddl; the driver writes them back by functions of the server.
struct ServerTable {
  let table: SchemaObject
  let columns: [SchemaObject]

  private init(_ name: String, _ columns: [(name: String, type: String, flags: ObjectFlags)]) {
    table = SchemaObject(
      kind: "table", schema: "pg_catalog", name: name, definition: "TABLE", flags: .internal)
    self.columns = columns.map {
      SchemaObject(
        kind: "column", schema: "pg_catalog", name: $0.name, parent: name, nativeType: $0.type, definition: $0.type,
        flags: $0.flags)
    }
  }

  /// Where each sequence stands; last_value is NULL where it was not called yet.
  static let sequenceValues = ServerTable(
    "pg_sequences",
    [
      ("schemaname", "name", key), ("sequencename", "name", key), ("last_value", "bigint", .counter),
      ("increment_by", "bigint", .counterStep),
    ])

  /// The content of large objects, in pages.
  static let largeObjects = ServerTable(
    "pg_largeobject", [("loid", "oid", key), ("pageno", "integer", key), ("data", "bytea", [])])

  private static let key: ObjectFlags = [.notNull, .primaryKey]
}
