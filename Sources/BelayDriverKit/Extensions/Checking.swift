import BelayABI

/// "belay.explain/1": the plan of a query.
public protocol Explaining: DriverConnection {
  /// The plan; the statement is not run.
  func explain(_ sql: String, operation: Operation) throws(DriverFailure) -> [PlanStep]
}

/// "belay.integrity/1": the engine's own checks of a database.
public protocol IntegrityChecking: DriverConnection {
  /// Runs also inside a transaction, and sees its changes. Foreign keys are always checked; `full` says how far the
  /// storage is.
  /// - Returns: nothing when all is well.
  func checkIntegrity(full: Bool, operation: Operation) throws(DriverFailure) -> [IntegrityFinding]
}
