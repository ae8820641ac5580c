import BelayABI
import Foundation

/// For how long a call is made again while others hold a lock that it needs: with growing pauses.
///
/// Only a call that had no effect (`BUSY` with `NOT_APPLIED`) and that has passed nothing to or from the host is made again.
package struct LockPatience: Sendable {
  /// From the first try; zero: one try.
  package let limit: Duration
  /// Called once per call that has to wait.
  package let onWait: @Sendable (DriverError) -> Void

  package init(limit: Duration, onWait: @escaping @Sendable (DriverError) -> Void) {
    self.limit = limit
    self.onWait = onWait
  }

  /// - Parameters:
  ///   - cancellation: ends the waiting.
  ///   - inTransaction: a failure that ends the transaction cannot be cured by the same call.
  ///   - canRepeat: asked after a failure: has the call passed nothing on yet?
  package func call<Output>(
    cancellation: Cancellation?, inTransaction: Bool, canRepeat: () -> Bool = { true },
    _ body: () throws(DriverError) -> Output
  ) throws(DriverError) -> Output {
    let deadline = ContinuousClock.now + limit
    var pause = Duration.milliseconds(200)
    var isFirst = true
    while true {
      do throws(DriverError) {
        return try body()
      } catch {
        let left = deadline - .now
        guard error.wasOnlyBusy, !(inTransaction && error.endsTransaction), canRepeat(), left > .zero,
          cancellation?.isCancelled != true
        else { throw error }
        if isFirst { onWait(error) }
        isFirst = false
        sleep(min(pause, left), cancellation)
        pause = min(pause * 2, .seconds(2))
      }
    }
  }

  /// In pieces: Ctrl+C does not wait for the end of a pause.
  private func sleep(_ duration: Duration, _ cancellation: Cancellation?) {
    let end = ContinuousClock.now + duration
    while ContinuousClock.now < end, cancellation?.isCancelled != true { Thread.sleep(forTimeInterval: 0.02) }
  }
}

extension DriverError {
  /// The engine has given the transaction up, to let another go on: SQLSTATE class 40, in the standard's own words
  /// "transaction rollback".
  package var endsTransaction: Bool { sqlState?.hasPrefix("40") == true }

  /// Others were in the way, and nothing was done.
  package var wasOnlyBusy: Bool { code == .busy && outcome == .notApplied }
}
