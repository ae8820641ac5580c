/// A copy of a table that lies beside it in its database, as `belay snapshot-table` made or found it.
package struct TableCopyStatus: Codable, Sendable, Equatable {
  package enum State: String, Codable, Sendable {
    case kept
    /// Its time is over: retention may drop it.
    case expired
    /// It is recorded, and the database has no such table.
    case gone
    /// Somebody has changed it since it was made.
    case changed
    case dropped
  }

  /// The name in belay.yaml of the database, or its URL without secrets.
  package var target: String
  package var schema: String
  package var name: String
  package var tableSchema: String
  package var table: String
  package var rows: UInt64
  /// `TableDigest.hex`
  package var digest: String
  /// ISO 8601, UTC.
  package var madeAt: String
  /// nil: it stays until somebody drops it.
  package var expiresAt: String?
  package var run: String
  package var madeBy: String
  package var belayVersion: String
  package var state: State

  package init(
    target: String, schema: String, name: String, tableSchema: String, table: String, rows: UInt64, digest: String,
    madeAt: String, expiresAt: String?, run: String, madeBy: String, belayVersion: String, state: State
  ) {
    self.target = target
    self.schema = schema
    self.name = name
    self.tableSchema = tableSchema
    self.table = table
    self.rows = rows
    self.digest = digest
    self.madeAt = madeAt
    self.expiresAt = expiresAt
    self.run = run
    self.madeBy = madeBy
    self.belayVersion = belayVersion
    self.state = state
  }
}
