/// "belay.explain/1": the plan of a query.
public protocol Explaining: DriverConnection {
  /// The plan; the statement is not run.
  func explain(_ sql: String, operation: Operation) throws(DriverFailure) -> [PlanStep]
}

/// One step of a query's plan.
public struct PlanStep: Sendable, Equatable {
  /// How deep it is nested, from 0.
  public var depth: Int64
  /// The engine's own words.
  public var detail: String
  /// What is read; nil where it is no table.
  public var table: String?
  /// Everything in it is read.
  public var isFullScan: Bool
  /// How many rows the engine expects; nil where it does not tell.
  public var rows: Int64?

  /// A step as the engine tells it.
  public init(depth: Int64, detail: String, table: String? = nil, isFullScan: Bool = false, rows: Int64? = nil) {
    self.depth = depth
    self.detail = detail
    self.table = table
    self.isFullScan = isFullScan
    self.rows = rows
  }
}

/// "belay.integrity/1": the engine's own checks of a database.
public protocol IntegrityChecking: DriverConnection {
  /// Runs also inside a transaction, and sees its changes. Foreign keys are always checked; `full` says how far the
  /// storage is.
  /// - Returns: nothing when all is well.
  func checkIntegrity(full: Bool, operation: Operation) throws(DriverFailure) -> [IntegrityFinding]
}

/// Something that a check of the database found wrong.
public struct IntegrityFinding: Sendable, Equatable {
  /// Which check, e.g. "foreign_key".
  public var check: String
  /// The table or index; may be empty.
  public var object: String
  /// Which row; nil where unknown.
  public var identity: String?
  /// Lowercase, without a full stop.
  public var message: String

  /// A finding about an object.
  public init(check: String, object: String, identity: String? = nil, message: String) {
    self.check = check
    self.object = object
    self.identity = identity
    self.message = message
  }
}
