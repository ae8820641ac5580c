import BelayDriverKit

extension Link {
  /// Runs `body` with settings under which every name is qualified and every constant has one form, whatever the
  /// session or the open transaction has set. Both have their own settings again afterwards.
  ///
  /// Rolling back to a savepoint undoes SET LOCAL, and an error in `body` does not abort the transaction.
  func withCanonicalText<Result>(
    _ operation: Operation, _ body: () throws(DriverFailure) -> Result
  ) throws(DriverFailure) -> Result {
    guard !isInFailedTransaction else {
      throw DriverFailure(.sql, "the transaction has failed: nothing can be read until it is rolled back")
    }
    let isNested = isInTransaction
    try run(
      isNested ? "SAVEPOINT \"belay catalog\"" : "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", operation: operation
    )
    let end =
      isNested ? "ROLLBACK TO SAVEPOINT \"belay catalog\"; RELEASE SAVEPOINT \"belay catalog\"" : "ROLLBACK"
    let result: Result
    do throws(DriverFailure) {
      try run(Self.canonical, operation: operation)
      result = try body()
    } catch {
      // If the connection is lost, there is nothing to roll back to, and the failure says so.
      if !isLost { try tidy(end) }
      throw error
    }
    try tidy(end)
    return result
  }

  /// Constants in defaults and checks are printed by their types' output functions. Compiling these queries takes longer
  /// than running them.
  private static let canonical = """
    SET LOCAL search_path = ''; SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL IntervalStyle = 'postgres';
    SET LOCAL TimeZone = 'UTC'; SET LOCAL extra_float_digits = 3; SET LOCAL bytea_output = 'hex';
    SET LOCAL lc_monetary = 'C'; SET LOCAL quote_all_identifiers = off;
    SET LOCAL standard_conforming_strings = on; SET LOCAL jit = off
    """
}
