import BelayABI

/// "belay.atomic/1": several statements, all or nothing, for engines without BEGIN.
public protocol AtomicRunning: DriverConnection {
  /// Runs statements, all or none. A failure's `statement` is the index of the one that failed, if that is known. If
  /// the driver has to use a method that is not all or nothing, the failure's outcome must say so.
  func runAtomically(_ statements: [String], operation: Operation) throws(DriverFailure)
}

/// "belay.lock/1": one migration at a time.
public protocol Locking: DriverConnection {
  /// Takes the lock, or fails immediately with `.busy`; the message names the holder, if known. The lock ends with the
  /// connection or the process. It works inside and outside transactions, and outlasts them.
  func acquireLock(_ name: String, operation: Operation) throws(DriverFailure)
  /// Releases the lock.
  func releaseLock(_ name: String, operation: Operation) throws(DriverFailure)
}

/// "belay.sessions/1": who else is connected.
public protocol SessionListing: DriverConnection {
  /// The other sessions.
  func sessions(operation: Operation) throws(DriverFailure) -> [Session]
  /// Ends the session with this id.
  func terminateSession(_ id: String, operation: Operation) throws(DriverFailure)
}
