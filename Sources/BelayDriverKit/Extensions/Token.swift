/// "belay.token/1": one view of the data, shared by several connections.
public protocol TokenSharing: DriverConnection {
  /// Fixes an instant. From now on `query`, `catalog` and `read` of this connection read it, until release or close. Not
  /// inside a transaction.
  /// - Returns: the token by which other connections adopt it.
  func acquireToken(operation: Operation) throws(DriverFailure) -> String
  /// Makes them read that instant on this connection, until release or close.
  func adoptToken(_ token: String, operation: Operation) throws(DriverFailure)
  /// Back to the present.
  func releaseToken(operation: Operation) throws(DriverFailure)
}

/// "belay.scratch/1": a throw-away database beside this one, and a swap.
public protocol ScratchMaking: DriverConnection {
  /// Makes an empty database. `name`: letters, digits and "-". Throws `.constraint` where it exists.
  /// - Returns: its URL.
  func createScratch(_ name: String, operation: Operation) throws(DriverFailure) -> String
  /// The URL that `createScratch` would give for a name, without creating anything.
  func locateScratch(_ name: String, operation: Operation) throws(DriverFailure) -> String
  /// Atomically: the content of the scratch becomes the content of this database; a kill at any moment leaves either the
  /// one or the other. Not inside a transaction. Sessions of others that stand in the way are ended. Where `Traits.swaps`
  /// the scratch's URL then leads to what was there before.
  func promoteScratch(_ url: String, operation: Operation) throws(DriverFailure)
  /// Removes a scratch database; fine where it does not exist.
  func dropScratch(_ url: String, operation: Operation) throws(DriverFailure)
}

/// "belay.rewind/1": the engine's own way back.
public protocol Rewinding: DriverConnection {
  /// A bookmark of the present; of the instant, where this connection has acquired or adopted a token.
  func markBookmark(operation: Operation) throws(DriverFailure) -> String
  /// A bookmark of a past moment, in milliseconds since 1970 UTC. Throws where the engine cannot go back so far.
  func bookmark(at unixMilliseconds: Int64, operation: Operation) throws(DriverFailure) -> String
  /// Goes back to a bookmark.
  /// - Returns: the bookmark that undoes this.
  func rewind(to bookmark: String, operation: Operation) throws(DriverFailure) -> String
}
