import BelayABI

/// "belay.preflight/1": what the engine itself knows to stand in the way.
public protocol PreflightChecking: DriverConnection {
  /// Changes nothing.
  /// - Returns: everything that is wrong, all at once; nothing when all is well.
  func checkPreflight(_ needs: PreflightNeeds, operation: Operation) throws(DriverFailure) -> [PreflightFinding]
}

/// Something that stands in the way, or that the reader should know before a run begins.
public struct PreflightFinding: Sendable, Equatable {
  /// How bad it is.
  public enum Severity: String, Sendable {
    /// The run must not begin.
    case error
    /// It may, and the reader should know.
    case warning
    /// Worth knowing.
    case note
  }

  /// How bad it is.
  public var severity: Severity
  /// A stable word for the rule, e.g. "server-version".
  public var rule: String
  /// Which object; empty: the database.
  public var subject: String
  /// Lowercase, without a full stop.
  public var message: String
  /// The cure.
  public var hint: String?

  /// A finding about an object.
  public init(_ severity: Severity, rule: String, subject: String = "", _ message: String, hint: String? = nil) {
    self.severity = severity
    self.rule = rule
    self.subject = subject
    self.message = message
    self.hint = hint
  }
}

/// "belay.draft.footprint/1": what a transaction has done so far. A draft: it may change in any version.
public protocol FootprintReading: DriverConnection {
  /// One for every table that has rows of its own.
  func footprint(operation: Operation) throws(DriverFailure) -> [TableFootprint]
}

/// What the connection's open transaction holds of one table, and has done to it.
public struct TableFootprint: Sendable, Equatable {
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
