import BelayDriverKit

extension PostgreSQLConnection {
  func adoptToken(_ token: String, operation: Operation) throws(DriverFailure) {
    // A token is the name of a file on the server.
    guard !token.isEmpty, token.utf8.allSatisfy(Self.isOfToken) else {
      throw DriverFailure(.invalid, "the token is not the name of a PostgreSQL snapshot")
    }
    try refuseTransaction("a token")
    try shapeForExecuting(operation)
    view = SharedView.of(token, link)
    do throws(DriverFailure) {
      try beginView(token, operation)
    } catch {
      try endView()
      var failure = error
      // The second since PostgreSQL 17.
      if ["22023", "42704"].contains(failure.sqlState) {
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

  func beginView(_ token: String, _ operation: Operation) throws(DriverFailure) {
    try link.run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", operation: operation)
    hasView = true
    try link.run("SET TRANSACTION SNAPSHOT '\(token)'", operation: operation)
    // What cannot be had at once is read in the holder's session. Without a holder there is nothing but to wait.
    try link.run("SET LOCAL lock_timeout = \(view == nil ? 0 : Self.passingMilliseconds)", operation: operation)
    try shapeForReading(operation)
  }

  /// In which time one who wants a table for himself, and is the holder's to keep off, does not notice this one.
  private static let passingMilliseconds = 50

  func endView() throws(DriverFailure) {
    forgetView()
    // What was set for the transaction ends with it.
    shape = nil
    if !link.isIdle, !link.isLost { try link.tidy("ROLLBACK") }
  }

  /// Ends the view where it is this connection's own.
  func forgetView() {
    if ownsView { view?.end() }
    (view, ownsView, hasView) = (nil, false, false)
  }

  private static func isOfToken(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
      || byte == UInt8(ascii: "-")
  }
}

extension PostgreSQLConnection {
  /// Runs a body that reads, so that its failure leaves the open transaction as it was. In a view it leaves no lock, and
  /// runs in the holder's session where others are waiting for a table that it needs.
  /// - Parameters:
  ///   - isOfOthers: the SQL is not the driver's: the server must refuse whatever would write. A view does anyway.
  ///   - canRepeat: whether the body has not told the host anything yet.
  func reading<R>(
    _ operation: Operation, isOfOthers: Bool = false, canRepeat: () -> Bool = { true },
    _ body: (Link) throws(DriverFailure) -> R
  ) throws(DriverFailure) -> R {
    guard let view else {
      guard isOfOthers else { return try keepingTransaction(operation) { () throws(DriverFailure) in try body(link) } }
      return try namingHolders(operation) { () throws(DriverFailure) in
        try link.readingOnly(operation) { () throws(DriverFailure) in try body(link) }
      }
    }
    do throws(DriverFailure) {
      return try link.inPassing(operation) { () throws(DriverFailure) in try body(link) }
    } catch {
      guard error.sqlState == "55P03", canRepeat() else { throw error }
    }
    return try view.use(operation) { (holder) throws(DriverFailure) in
      try holder.inPassing(operation) { () throws(DriverFailure) in
        // A program may have used it before.
        _ = try ReadingShape(holder, operation)
        let path = try link.run("SHOW search_path", operation: operation).value ?? ""
        try holder.run(
          "SELECT pg_catalog.set_config('search_path', \(SQLLiteral.quoted(path)), true)", operation: operation)
        return try body(holder)
      }
    }
  }
}

extension Link {
  /// Runs a body that reads, and then gives back what locks it has taken, and what it has set.
  fileprivate func inPassing<R>(
    _ operation: Operation, _ body: () throws(DriverFailure) -> R
  ) throws(DriverFailure) -> R {
    try run("SAVEPOINT \"belay call\"", operation: operation)
    let end = "ROLLBACK TO SAVEPOINT \"belay call\"; RELEASE SAVEPOINT \"belay call\""
    let result: R
    do throws(DriverFailure) {
      result = try body()
    } catch {
      // Where the connection is lost there is nothing to go back to, and the failure says so.
      if !isLost { try tidy(end) }
      throw error
    }
    try tidy(end)
    return result
  }
}
