/// One table as it was at the instant of the backup: a restored table must be equal to it.
package struct TableRecord: Codable, Sendable, Equatable {
  /// Empty if the database has no schemas.
  package var schema: String
  package var name: String
  /// The columns that were read, in the order in which every format has them.
  package var columns: [String]
  package var rows: UInt64
  /// `TableDigest.hex` of the rows.
  package var digest: String
  /// The driver's word on it, e.g. "internal", "shadow"; sorted.
  package var flags: [String]
  /// The rows themselves where they are counters, which the digest cannot compare; nil for other tables.
  package var counters: [Counter]?

  package init(
    schema: String = "", name: String, columns: [String], rows: UInt64, digest: String, flags: [String] = [],
    counters: [Counter]? = nil
  ) {
    self.schema = schema
    self.name = name
    self.columns = columns
    self.rows = rows
    self.digest = digest
    self.flags = flags
    self.counters = counters
  }

  package var table: TableName { TableName(schema: schema, name: name) }
}
