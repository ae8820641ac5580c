import BelayDriverKit

/// Content that is neither in a user's table nor created by ddl. The driver restores it with functions of the server.
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

  /// The value of each sequence; last_value is NULL if the sequence was never used.
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
