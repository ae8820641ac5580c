import BelayABI

/// "belay.explain/1": the plan of a query.
public protocol Explaining: DriverConnection {
  /// The plan. Must not run the statement.
  func explain(_ sql: String, operation: Operation) throws(DriverFailure) -> [PlanStep]
}

/// "belay.integrity/1": the engine's own checks of a database.
public protocol IntegrityChecking: DriverConnection {
  /// Must work inside a transaction too, and then see its changes. Always checks foreign keys; `full`: checks the
  /// storage thoroughly.
  /// - Returns: nothing if there is no problem.
  func checkIntegrity(full: Bool, operation: Operation) throws(DriverFailure) -> [IntegrityFinding]
}
