import BelayDriverKit

extension PostgreSQLConnection: TokenSharing {
  func acquireToken(operation: Operation) throws(DriverFailure) -> String {
    try beginView(operation)
    do throws(DriverFailure) {
      let token = try link.run("SELECT pg_catalog.pg_export_snapshot()", operation: operation).value
      try settleView(operation)
      guard let token else { throw DriverFailure(.internal, "the server gave no snapshot") }
      return token
    } catch {
      try endView()
      throw error
    }
  }

  func adoptToken(_ token: String, operation: Operation) throws(DriverFailure) {
    // A token is the name of a file on the server.
    guard !token.isEmpty, token.utf8.allSatisfy(Self.isOfToken) else {
      throw DriverFailure(.invalid, "the token is not the name of a PostgreSQL snapshot")
    }
    try beginView(operation)
    do throws(DriverFailure) {
      try link.run("SET TRANSACTION SNAPSHOT '\(token)'", operation: operation)
      try settleView(operation)
    } catch {
      try endView()
      var failure = error
      if failure.sqlState == "22023" {
        failure.code = .notFound
        failure.hint = "the connection that acquired the token must still be open and must not have released it"
      }
      throw failure
    }
  }

  func releaseToken(operation: Operation) throws(DriverFailure) {
    guard hasView else { throw DriverFailure(.invalid, "there is no token to release") }
    try endView()
  }

  private func beginView(_ operation: Operation) throws(DriverFailure) {
    try refuseTransaction("a token")
    try shapeForExecuting(operation)
    try link.run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", operation: operation)
    hasView = true
  }

  /// A reader blocks nobody, so it may wait for locks as long as its operation allows.
  private func settleView(_ operation: Operation) throws(DriverFailure) {
    try link.run("SET LOCAL lock_timeout = 0", operation: operation)
    try shapeForReading(operation)
  }

  private func endView() throws(DriverFailure) {
    hasView = false
    // What was set for the transaction ends with it.
    shape = nil
    if !link.isIdle, !link.isLost { try link.tidy("ROLLBACK") }
  }

  private static func isOfToken(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
      || byte == UInt8(ascii: "-")
  }
}
