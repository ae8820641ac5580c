import BelayRows

/// What a connection's open transaction holds of one table, and has done to it.
public struct TableFootprint: Sendable, Hashable {
  /// What others cannot do to the table meanwhile.
  public enum Blocked: String, Sendable {
    /// They read and write.
    case nothing = ""
    /// They read.
    case writes
    /// They wait.
    case everything
  }

  /// The table's schema; may be empty.
  public var schema: String
  /// The table.
  public var table: String
  /// The engine's word for the strongest lock on it; nil: none.
  public var lock: String?
  /// What the lock keeps others from.
  public var blocks: Blocked
  /// Another one after the table was rewritten or emptied.
  public var storage: String
  /// Rows written by the transaction, by triggers and cascades too.
  public var inserted: Int64
  /// Rows written by the transaction, by triggers and cascades too.
  public var updated: Int64
  /// Rows written by the transaction, by triggers and cascades too.
  public var deleted: Int64

  /// What is known of one table.
  public init(
    schema: String, table: String, lock: String? = nil, blocks: Blocked = .nothing, storage: String,
    inserted: Int64 = 0, updated: Int64 = 0, deleted: Int64 = 0
  ) {
    self.schema = schema
    self.table = table
    self.lock = lock
    self.blocks = blocks
    self.storage = storage
    self.inserted = inserted
    self.updated = updated
    self.deleted = deleted
  }
}

extension TableFootprint: TableRow {
  package static let columns = ["schema", "table", "lock", "blocks", "storage", "inserted", "updated", "deleted"]

  package var row: [Value] {
    [
      .text(schema), .text(table), Value(lock), .text(blocks.rawValue), .text(storage), .integer(inserted),
      .integer(updated), .integer(deleted),
    ]
  }

  package init?(row: [Value]) {
    guard row.count == Self.columns.count, let schema = row[0].text, let table = row[1].text,
      let blocks = row[3].text.flatMap(Blocked.init), let storage = row[4].text, case .integer(let inserted) = row[5],
      case .integer(let updated) = row[6], case .integer(let deleted) = row[7]
    else { return nil }
    self.init(
      schema: schema, table: table, lock: row[2].text, blocks: blocks, storage: storage, inserted: inserted,
      updated: updated, deleted: deleted)
  }
}
