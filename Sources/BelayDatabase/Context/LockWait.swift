import BelayBase
import BelayDrivers
import Foundation

/// Makes a call again while others hold a lock that it needs: with growing pauses, for a time in all.
package struct LockWait {
  package let context: RunContext
  /// From the first try; zero: one try.
  package let limit: Duration
  /// Within a transaction a failure that ends it cannot be cured by the same call.
  package let inTransaction: Bool

  package init(context: RunContext, limit: Duration, inTransaction: Bool) {
    self.context = context
    self.limit = limit
    self.inTransaction = inTransaction
  }

  /// - Parameter what: what waits, for the one line that says so: "1.sql, line 3".
  package func call<Output>(
    _ what: String, _ body: () throws(DriverError) -> Output
  ) throws(DriverError) -> Output {
    let deadline = ContinuousClock.now + limit
    var pause = 0.2
    var isTold = false
    while true {
      do throws(DriverError) {
        return try body()
      } catch {
        let canRetry =
          error.code == .busy && error.outcome == .notApplied && !(inTransaction && error.endsTransaction)
        let left = (deadline - .now).seconds
        guard canRetry, left > 0, !context.cancellation.isCancelled else { throw error }
        if !isTold { context.log(.notice, "\(what) waits for a lock: \(error.hint ?? error.message)") }
        isTold = true
        sleep(min(pause, left))
        pause = min(pause * 2, 2)
      }
    }
  }

  /// In pieces: Ctrl+C does not wait for the end of a pause.
  private func sleep(_ seconds: Double) {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end, !context.cancellation.isCancelled {
      Thread.sleep(forTimeInterval: min(0.05, max(0.001, (end - .now).seconds)))
    }
  }
}

extension DriverError {
  /// The engine has given the transaction up, to let another go on: SQLSTATE class 40, in the standard's own words
  /// "transaction rollback".
  package var endsTransaction: Bool { sqlState?.hasPrefix("40") == true }
}
