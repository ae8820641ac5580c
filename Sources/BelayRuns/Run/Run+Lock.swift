import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore

/// belay's lock in the database: one run changes it at a time, also when two stores look after it.
extension Run {
  private static let lockName = "belay"

  package func lock() throws(BelayError) {
    try journal.write(.locking)
    do {
      try connection.lock(Self.lockName, operation: context.stoppable("locking"))
    } catch {
      throw BelayError(
        error, doing: "cannot take belay's lock in \(access.redactedURL)",
        kind: error.code == .busy ? .locked : .refused, state: "\(access.redactedURL) is untouched")
    }
  }

  package func unlock() {
    do {
      try connection.unlock(Self.lockName, operation: context.unstoppable())
    } catch {
      context.log(.warning, "belay's lock in \(access.redactedURL) could not be released: \(error.message)")
    }
  }

  /// For a run that was cut off. A driver's own lock went with the process, and is taken for the recovery; a row in
  /// belay's table is still there, and is taken over.
  package func lockAgain() throws(BelayError) {
    do {
      guard try connection.support(for: .lock) != .available else { return try lock() }
    } catch {
      throw BelayError(any: error, doing: "cannot take belay's lock in \(access.redactedURL)", kind: .locked)
    }
  }
}
