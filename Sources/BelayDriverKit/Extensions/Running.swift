import BelayABI

/// "belay.atomic/1": all or nothing, for engines without BEGIN.
public protocol AtomicRunning: DriverConnection {
  /// Runs statements, all or none. A failure's `statement` is the index of the one that failed, where that is known. What
  /// has to go a way that is not all or nothing says so by the failure's outcome.
  func runAtomically(_ statements: [String], operation: Operation) throws(DriverFailure)
}

/// "belay.lock/1": one migrator at a time.
public protocol Locking: DriverConnection {
  /// Takes the lock, or fails at once with `.busy`, the holder in the message if known. It is gone when the connection or
  /// the process is gone. Usable inside and outside transactions, and survives them.
  func acquireLock(_ name: String, operation: Operation) throws(DriverFailure)
  /// Gives the lock back.
  func releaseLock(_ name: String, operation: Operation) throws(DriverFailure)
}

/// "belay.sessions/1": who else is connected.
public protocol SessionListing: DriverConnection {
  /// The other sessions.
  func sessions(operation: Operation) throws(DriverFailure) -> [Session]
  /// Ends one, by its id.
  func terminateSession(_ id: String, operation: Operation) throws(DriverFailure)
}
