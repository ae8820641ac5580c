import BelayABI

/// "belay.preflight/1": what the engine itself knows to stand in the way.
public protocol PreflightChecking: DriverConnection {
  /// Changes nothing.
  /// - Returns: everything that is wrong, all at once; nothing when all is well.
  func checkPreflight(_ needs: PreflightNeeds, operation: Operation) throws(DriverFailure) -> [PreflightFinding]
}

/// "belay.draft.footprint/1": what a transaction has done so far. A draft: it may change in any version.
public protocol FootprintReading: DriverConnection {
  /// One for every table that has rows of its own.
  func footprint(operation: Operation) throws(DriverFailure) -> [TableFootprint]
}
