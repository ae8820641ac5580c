import BelayDriverKit
import CSQLite
import Glibc
import Synchronization

/// Decides, while SQLite works or waits, whether the running call must stop.
///
/// One per connection, shared by all databases that it has open. SQLite calls it on the thread of the call.
package final class Watch {
  /// How long to wait for other connections' locks.
  package let busyTimeoutMilliseconds: Int
  private var operation: Operation?
  private let isInterrupted = Atomic<Bool>(false)
  /// Why SQLite had to stop.
  package private(set) var stopped: DriverFailure.Code?
  /// SQLite's own delays have not led to a lock: until the call ends, it is tried for far more often. The gaps between the
  /// transactions of a writer that never pauses may be shorter than a tenth of a millisecond.
  private var isEager = false
  /// When the wait for the current lock began.
  private var waitBegan = ContinuousClock.now

  package init(busyTimeoutMilliseconds: Int) { self.busyTimeoutMilliseconds = busyTimeoutMilliseconds }

  /// A call begins: an earlier interrupt does not count.
  package func begin(_ operation: Operation) {
    self.operation = operation
    stopped = nil
    isEager = false
    isInterrupted.store(false, ordering: .relaxed)
  }

  /// The call is over, and its operation is no longer valid.
  package func end() { operation = nil }

  /// Any thread.
  package func interrupt() { isInterrupted.store(true, ordering: .relaxed) }

  /// The call must stop; `stopped` says why.
  package var wantsStop: Bool {
    guard let operation else { return false }
    if isInterrupted.load(ordering: .relaxed) || operation.isCancelled {
      stopped = .cancelled
    } else if operation.remainingMilliseconds == 0 {
      stopped = .timeout
    }
    return stopped != nil
  }

  /// Throws if the call must stop.
  package func check() throws(DriverFailure) {
    if wantsStop { throw stopFailure(outcome: .notApplied) }
  }

  package func stopFailure(outcome: DriverFailure.Outcome) -> DriverFailure {
    stopped == .timeout
      ? DriverFailure(.timeout, "the time allowed has passed", outcome: outcome)
      : DriverFailure(.cancelled, "cancelled", outcome: outcome)
  }

  /// Updates the host's progress bar.
  package func progress(_ done: Int, of total: Int, _ what: String) {
    operation?.progress(UInt64(max(done, 0)), of: UInt64(max(total, 0)), what)
  }

  /// Writes a line to the host's log.
  package func log(_ level: LogLevel, _ message: String) { operation?.log(level, message) }

  /// Sleeps a little before the next attempt at a lock.
  /// - Returns: false if it has waited long enough, or the call must stop.
  package func waits(attempt: Int) -> Bool {
    let now = ContinuousClock.now
    if attempt == 0 { waitBegan = now }
    let allowed = Duration.milliseconds(busyTimeoutMilliseconds)
    let waited = now - waitBegan
    guard waited < allowed, !wantsStop else { return false }
    isEager = isEager || waited > allowed / 2
    // At first SQLite's own delays.
    let steps = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100]
    let next: Duration = isEager ? .microseconds(50) : .milliseconds(steps[min(attempt, steps.count - 1)])
    usleep(UInt32(min(next, allowed - waited) / .microseconds(1)))
    return true
  }

  /// Makes SQLite call the watch, which must outlive the handle.
  package func attach(to handle: OpaquePointer) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    // A few thousand of the engine's steps take well under a millisecond.
    sqlite3_progress_handler(
      handle, 4000,
      { context in
        guard let context else { return 0 }
        return Unmanaged<Watch>.fromOpaque(context).takeUnretainedValue().wantsStop ? 1 : 0
      }, context)
    sqlite3_busy_handler(
      handle,
      { context, attempt in
        guard let context else { return 0 }
        return Unmanaged<Watch>.fromOpaque(context).takeUnretainedValue().waits(attempt: Int(attempt)) ? 1 : 0
      }, context)
  }
}
