import BelayRows
import CBelayDriver

extension Connection {
  /// Freezes an instant: from now on this connection, and those that adopt the token, read it. Not inside a
  /// transaction.
  ///
  /// nil: the driver cannot do that here, so one connection must read everything.
  package func acquireToken(operation: Operation) throws(DriverError) -> String? {
    guard let table = try table(belay_token.self, operation) else { return nil }
    let token = try collectText(Call(.token, "acquire"), operation) { table.acquire($0, $1, $2, $3) }
    isInTransaction = true
    return token
  }

  /// Makes this connection read another one's instant, until it releases the token or is closed.
  package func adopt(token: String, operation: Operation) throws(DriverError) {
    let table = try required(belay_token.self, operation)
    try perform(Call(.token, "adopt"), operation) { connection, operation, error in
      token.withBorrowed { table.adopt(connection, operation, $0, error) }
    }
    isInTransaction = true
  }

  /// Returns to the current data. The connection that acquired the token releases it last.
  package func releaseToken(operation: Operation) throws(DriverError) {
    guard let table = try table(belay_token.self, operation) else { return }
    isInTransaction = false
    try perform(Call(.token, "release"), operation) { table.release($0, $1, $2) }
  }
}
