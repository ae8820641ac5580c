/// "belay.token/1": one view of the data, shared by several connections.
public protocol TokenSharing: DriverConnection {
  /// Freezes the view of the current instant. From then on `query`, `catalog` and `read` of this connection read it,
  /// until release or close. Not inside a transaction.
  /// - Returns: the token with which other connections adopt it.
  func acquireToken(operation: Operation) throws(DriverFailure) -> String
  /// Makes this connection read the same instant, until release or close.
  func adoptToken(_ token: String, operation: Operation) throws(DriverFailure)
  /// Returns to the current data.
  func releaseToken(operation: Operation) throws(DriverFailure)
}

/// "belay.scratch/1": temporary databases beside this one, and replacing it with one of them.
public protocol ScratchMaking: DriverConnection {
  /// Creates an empty database. `name`: letters, digits and "-". Throws `.constraint` if it exists.
  /// - Returns: its URL.
  func createScratch(_ name: String, operation: Operation) throws(DriverFailure) -> String
  /// The URL that `createScratch` would return for a name, without creating anything.
  func locateScratch(_ name: String, operation: Operation) throws(DriverFailure) -> String
  /// Replaces the content of this database with that of the scratch database. Atomic: after a kill at any moment the
  /// database has either the old or the new content. Not inside a transaction. Ends sessions of others that prevent it.
  /// With `Traits.swaps`, the scratch URL then leads to the previous database.
  func promoteScratch(_ url: String, operation: Operation) throws(DriverFailure)
  /// Removes a scratch database; succeeds if it does not exist.
  func dropScratch(_ url: String, operation: Operation) throws(DriverFailure)
}

/// "belay.rewind/1": the engine can return to an earlier state by itself.
public protocol Rewinding: DriverConnection {
  /// A bookmark of the current state or, if this connection uses a token, of its instant.
  func markBookmark(operation: Operation) throws(DriverFailure) -> String
  /// A bookmark of a past moment, in milliseconds since 1970 UTC. Throws if that is too long ago.
  func bookmark(at unixMilliseconds: Int64, operation: Operation) throws(DriverFailure) -> String
  /// Returns the database to a bookmark.
  /// - Returns: the bookmark that undoes this.
  func rewind(to bookmark: String, operation: Operation) throws(DriverFailure) -> String
}
