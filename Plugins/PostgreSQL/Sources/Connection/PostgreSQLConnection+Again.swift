import BelayDriverKit

extension PostgreSQLConnection {
  /// Reads what others may drop meanwhile: the server's functions that give definitions know at once what is gone since the
  /// query began, and fail. That says nothing against the database: it is read again. Where the catalog is damaged, it
  /// fails for good.
  /// It runs in the open transaction, if there is one, which its failure leaves as it was.
  func readingCatalog<R>(
    _ operation: Operation, _ body: () throws(DriverFailure) -> R
  ) throws(DriverFailure) -> R {
    try againWhileOthersDrop(operation) { () throws(DriverFailure) in try keepingTransaction(operation, body) }
  }

  /// `readingCatalog` of a session that has no transaction to keep.
  func againWhileOthersDrop<R>(
    _ operation: Operation, _ body: () throws(DriverFailure) -> R
  ) throws(DriverFailure) -> R {
    let deadline = ContinuousClock.now + .seconds(10)
    while true {
      do throws(DriverFailure) {
        return try body()
      } catch {
        // No object is there by that name or number: belay's own queries name none of the user's. Or the server has chosen this
        // session to end a deadlock with those who drop.
        guard ["XX000", "42P01", "42704", "42883", "3F000", "40P01"].contains(error.sqlState), !link.isLost,
          ContinuousClock.now < deadline
        else { throw error }
        try operation.check()
      }
    }
  }
}
