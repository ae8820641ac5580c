import BelayABI
import BelayRows
import CBelayDriver

/// The running call from the host's point of view: whether it must stop, how long it may take, and its progress.
///
/// Valid only during the call that received it; do not keep it. Poll at least every 100 ms or 1 MiB.
public struct Operation {
  let handle: OpaquePointer?

  /// The host wants the call to stop.
  public var isCancelled: Bool {
    guard let handle, let cancelled = HostPort.host?.pointee.cancelled else { return false }
    return cancelled(handle) != 0
  }

  /// Milliseconds until the deadline; 0 if it has passed, nil if there is none.
  public var remainingMilliseconds: Int64? {
    guard let handle, let remaining = HostPort.host?.pointee.remaining_ms else { return nil }
    let milliseconds = remaining(handle)
    return milliseconds < 0 ? nil : milliseconds
  }

  /// Throws `.cancelled` or `.timeout` if the call must stop. `outcome`: what the call has done so far.
  public func check(outcome: DriverFailure.Outcome = .notApplied) throws(DriverFailure) {
    if isCancelled { throw DriverFailure(.cancelled, "cancelled", outcome: outcome) }
    if remainingMilliseconds == 0 { throw DriverFailure(.timeout, "the time allowed has passed", outcome: outcome) }
  }

  /// Reports the progress of the call, in any unit; total: 0 if unknown. At most about every 50 ms.
  public func progress(_ done: UInt64, of total: UInt64, _ what: String) {
    guard let handle, let progress = HostPort.host?.pointee.progress else { return }
    what.withBorrowed { progress(handle, done, total, $0) }
  }

  /// Writes a line to the host's log.
  public func log(_ level: LogLevel, _ message: String) {
    guard let log = HostPort.host?.pointee.log else { return }
    message.withBorrowed { log(handle, level.rawValue, $0) }
  }
}
