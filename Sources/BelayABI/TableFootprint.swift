import BelayRows

/// Rows that were written.
public struct WrittenRows: Sendable, Hashable {
  /// How many were inserted.
  public var inserted: Int64
  /// How many were changed.
  public var updated: Int64
  /// How many were deleted.
  public var deleted: Int64

  /// None, unless told otherwise.
  public init(inserted: Int64 = 0, updated: Int64 = 0, deleted: Int64 = 0) {
    self.inserted = inserted
    self.updated = updated
    self.deleted = deleted
  }
}

/// What a connection's open transaction has locked and changed in one table.
public struct TableFootprint: Sendable, Hashable {
  /// What others cannot do with the table meanwhile.
  public enum Blocked: String, Sendable {
    /// They can read and write.
    case nothing = ""
    /// They can only read.
    case writes
    /// They can neither read nor write.
    case everything
  }

  /// The table's schema; may be empty.
  public var schema: String
  /// The table.
  public var table: String
  /// The engine's name of the strongest lock on it; nil: none.
  public var lock: String?
  /// What the lock prevents others from doing.
  public var blocks: Blocked
  /// A value that changes when the table is rewritten or emptied.
  public var storage: String
  /// Rows written by the transaction, by triggers and cascades too.
  public var inserted: Int64
  /// Rows written by the transaction, by triggers and cascades too.
  public var updated: Int64
  /// Rows written by the transaction, by triggers and cascades too.
  public var deleted: Int64
  /// Those of them that the statements wrote themselves: without triggers and the actions of foreign keys. nil: the engine
  /// does not tell them apart.
  public var own: WrittenRows?
  /// What can write rows of this table when a statement writes another one, in SQL's words: "ON DELETE CASCADE of
  /// posts.author". nil: not known, or nothing.
  public var reachedBy: String?

  /// The footprint of one table.
  public init(
    schema: String, table: String, lock: String? = nil, blocks: Blocked = .nothing, storage: String,
    inserted: Int64 = 0, updated: Int64 = 0, deleted: Int64 = 0, own: WrittenRows? = nil, reachedBy: String? = nil
  ) {
    self.schema = schema
    self.table = table
    self.lock = lock
    self.blocks = blocks
    self.storage = storage
    self.inserted = inserted
    self.updated = updated
    self.deleted = deleted
    self.own = own
    self.reachedBy = reachedBy
  }
}

extension TableFootprint: TableRow {
  package static let columns = [
    "schema", "table", "lock", "blocks", "storage", "inserted", "updated", "deleted", "own_inserted", "own_updated",
    "own_deleted", "reached_by",
  ]

  package var row: [Value] {
    [
      .text(schema), .text(table), Value(lock), .text(blocks.rawValue), .text(storage), .integer(inserted),
      .integer(updated), .integer(deleted), own.map { .integer($0.inserted) } ?? .null,
      own.map { .integer($0.updated) } ?? .null, own.map { .integer($0.deleted) } ?? .null, Value(reachedBy),
    ]
  }

  package init?(row: [Value]) {
    guard row.count == Self.columns.count, let schema = row[0].text, let table = row[1].text,
      let blocks = row[3].text.flatMap(Blocked.init), let storage = row[4].text, case .integer(let inserted) = row[5],
      case .integer(let updated) = row[6], case .integer(let deleted) = row[7]
    else { return nil }
    self.init(
      schema: schema, table: table, lock: row[2].text, blocks: blocks, storage: storage, inserted: inserted,
      updated: updated, deleted: deleted, reachedBy: row[11].text)
    // All three or none.
    switch (row[8], row[9], row[10]) {
    case (.integer(let inserted), .integer(let updated), .integer(let deleted)):
      own = WrittenRows(inserted: inserted, updated: updated, deleted: deleted)
    case (.null, .null, .null): break
    default: return nil
    }
  }
}
