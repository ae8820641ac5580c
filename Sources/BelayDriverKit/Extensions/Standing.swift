import BelayABI

/// "belay.preflight/1": problems that the engine knows of before a run begins.
public protocol PreflightChecking: DriverConnection {
  /// Changes nothing.
  /// - Returns: all problems at once; nothing if there is none.
  func checkPreflight(_ needs: PreflightNeeds, operation: Operation) throws(DriverFailure) -> [PreflightFinding]
}

/// "belay.draft.footprint/2": what a transaction has done so far. A draft: it may change in any version.
public protocol FootprintReading: DriverConnection {
  /// One element for every table that has rows of its own.
  func footprint(operation: Operation) throws(DriverFailure) -> [TableFootprint]
  /// Checks what the open transaction has written or altered, as far as the engine does not guarantee it itself: others
  /// wait for it meanwhile.
  func checkFootprint(operation: Operation) throws(DriverFailure) -> [IntegrityFinding]
}

/// "belay.draft.reset/1": what a script leaves behind in its session. A draft: it may change in any version.
public protocol SessionResetting: DriverConnection {
  /// Makes the session what opening made of it. Also within a transaction, which goes on; what lasts in the database stays.
  func resetSession(operation: Operation) throws(DriverFailure)
  /// Statements that mean the same to `ScriptSplitting`; nobody runs them.
  var seam: String { get }
  /// The schema of a table that the host keeps for itself: where the table is, as a session that has just been opened
  /// finds it; else where it is to be made. Empty where tables have no schema. Throws `.invalid` where there are several,
  /// or if it is in a schema that is not on the search path of such a session.
  func place(of table: String, operation: Operation) throws(DriverFailure) -> String
}

/// "belay.draft.surroundings/1": what the database shares with others. A draft: it may change in any version.
public protocol SurroundingsReading: DriverConnection {
  /// As the connection sees it, its open transaction's own changes included.
  func surroundings(operation: Operation) throws(DriverFailure) -> [SharedObject]
}

/// "belay.draft.archived/1": statements that an archive holds, which somebody else may have written. A draft: it may change
/// in any version.
public protocol ArchivedRunning: DriverConnection {
  /// Runs the ddl of one object or, with the kind "rows", INSERTs. Throws `.invalid` at the first statement that `catalog`
  /// would not write for an object of that kind, or that reaches beyond this database.
  func executeArchived(_ sql: String, kind: String, operation: Operation) throws(DriverFailure)
}
