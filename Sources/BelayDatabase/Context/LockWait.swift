import BelayBase
import BelayDrivers

extension RunContext {
  /// Makes a call, or several as one, again while others hold a lock that it needs.
  /// - Parameters:
  ///   - what: what waits, for the one line that says so: "1.sql, line 3".
  ///   - limit: from the first try; zero: one try.
  ///   - inTransaction: a failure that ends the transaction cannot be cured by the same call.
  package func waitingForLocks<Output>(
    _ what: String, limit: Duration, inTransaction: Bool, _ body: () throws(DriverError) -> Output
  ) throws(DriverError) -> Output {
    try lockPatience(what, limit).call(cancellation: cancellation, inTransaction: inTransaction, body)
  }

  func lockPatience(_ what: String, _ limit: Duration) -> LockPatience {
    let narrator = narrator
    return LockPatience(limit: limit) { error in
      narrator.tell(
        .log(LogLine(.notice, "\(what.isEmpty ? "belay" : what) waits for a lock: \(error.hint ?? error.message)")))
    }
  }

  /// How long opening a database, and each call of a rollback, waits for locks of others. A rollback that gave up at once
  /// would leave the database as the failed change has left it.
  package static var rollbackPatience: Duration { .seconds(60) }
}
