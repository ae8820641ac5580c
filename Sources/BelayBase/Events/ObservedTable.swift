/// What a migration was seen to hold and to do to one table that was there before, in the rehearsal.
package struct ObservedTable: Codable, Sendable, Equatable {
  /// From which statement on, and for how long until the end of the transaction.
  package struct BlockedTime: Codable, Sendable, Equatable {
    /// "1.sql, line 3"
    package var since: String
    package var milliseconds: Int

    package init(since: String, milliseconds: Int) {
      self.since = since
      self.milliseconds = milliseconds
    }
  }
  package var schema: String
  package var table: String
  /// Before the migration.
  package var rows: UInt64?
  /// The engine's word for the strongest lock; nil: none, or not observed.
  package var lock: String?
  /// Others could not write.
  package var writesBlocked: BlockedTime?
  /// Others could not even read.
  package var everythingBlocked: BlockedTime?
  package var rewritten = false
  package var inserted: Int64 = 0
  package var updated: Int64 = 0
  package var deleted: Int64 = 0

  package init(
    schema: String, table: String, rows: UInt64? = nil, lock: String? = nil, writesBlocked: BlockedTime? = nil,
    everythingBlocked: BlockedTime? = nil, rewritten: Bool = false, inserted: Int64 = 0, updated: Int64 = 0,
    deleted: Int64 = 0
  ) {
    self.schema = schema
    self.table = table
    self.rows = rows
    self.lock = lock
    self.writesBlocked = writesBlocked
    self.everythingBlocked = everythingBlocked
    self.rewritten = rewritten
    self.inserted = inserted
    self.updated = updated
    self.deleted = deleted
  }
}
