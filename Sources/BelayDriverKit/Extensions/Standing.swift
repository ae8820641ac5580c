import BelayABI

/// "belay.preflight/1": problems that the engine knows of before a run begins.
public protocol PreflightChecking: DriverConnection {
  /// Changes nothing.
  /// - Returns: all problems at once; nothing if there is none.
  func checkPreflight(_ needs: PreflightNeeds, operation: Operation) throws(DriverFailure) -> [PreflightFinding]
}

/// "belay.draft.footprint/1": what a transaction has done so far. A draft: it may change in any version.
public protocol FootprintReading: DriverConnection {
  /// One element for every table that has rows of its own.
  func footprint(operation: Operation) throws(DriverFailure) -> [TableFootprint]
}
