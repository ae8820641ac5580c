import BelayDriverKit
import CPostgreSQL

extension Link {
  /// Runs `body` where every name comes out qualified and every constant in one form, whatever the session or the open
  /// transaction has set, and leaves no trace in either.
  ///
  /// Going back to a savepoint undoes SET LOCAL, and keeps an error in `body` from spoiling the transaction.
  func withCanonicalText<Result>(
    _ operation: Operation, _ body: () throws(DriverFailure) -> Result
  ) throws(DriverFailure) -> Result {
    let begin: String
    let end: String
    switch PQtransactionStatus(handle) {
    case PQTRANS_INTRANS:
      begin = "SAVEPOINT belay_catalog"
      end = "ROLLBACK TO SAVEPOINT belay_catalog; RELEASE SAVEPOINT belay_catalog"
    case PQTRANS_INERROR:
      throw DriverFailure(.sql, "the transaction has failed: nothing can be read until it is rolled back")
    default:
      begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
      end = "ROLLBACK"
    }
    _ = try run(begin, operation: operation)
    let result: Result
    do {
      _ = try run(Self.canonical, operation: operation)
      result = try body()
    } catch {
      // Of two errors the first is the one to tell.
      _ = try? run(end, operation: operation)
      throw error
    }
    _ = try run(end, operation: operation)
    return result
  }

  /// Constants in defaults and checks are printed by their types' output functions. Compiling these queries takes longer
  /// than running them.
  private static let canonical = """
    SET LOCAL search_path = ''; SET LOCAL DateStyle = 'ISO, MDY'; SET LOCAL IntervalStyle = 'postgres';
    SET LOCAL TimeZone = 'UTC'; SET LOCAL extra_float_digits = 3; SET LOCAL bytea_output = 'hex';
    SET LOCAL quote_all_identifiers = off; SET LOCAL jit = off
    """
}
