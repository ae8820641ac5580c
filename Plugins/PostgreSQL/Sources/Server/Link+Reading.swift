import BelayDriverKit

extension Link {
  /// Runs a body that reads: the server refuses what would write, and nothing that it sets or locks stays. Neither its
  /// success nor its failure changes the open transaction.
  func readingOnly<R>(
    _ operation: Operation, _ body: () throws(DriverFailure) -> R
  ) throws(DriverFailure) -> R {
    guard isIdle || isInTransaction else { return try body() }
    // What is read-only within the savepoint ends with it.
    let (begin, end) =
      isIdle
      ? ("BEGIN READ ONLY", "ROLLBACK")
      : (
        "SAVEPOINT \"belay call\"; SET TRANSACTION READ ONLY",
        "ROLLBACK TO SAVEPOINT \"belay call\"; RELEASE SAVEPOINT \"belay call\""
      )
    try run(begin, operation: operation)
    let result: R
    do throws(DriverFailure) {
      result = try body()
    } catch {
      // Where the connection is lost there is nothing to go back to, and the failure says so.
      if !isLost { try tidy(end) }
      throw error.sqlState == "25006" ? Self.readingOnly(error) : error
    }
    try tidy(end)
    return result
  }

  private static func readingOnly(_ failure: DriverFailure) -> DriverFailure {
    DriverFailure(
      .denied, "the statement would change the database, but here it may only read: \(failure.message)",
      sqlState: failure.sqlState, sqlOffset: failure.sqlOffset)
  }
}
