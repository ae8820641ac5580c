import BelayDrivers
import BelaySystem
import Dispatch
import Synchronization

/// Cancels what takes too long, for drivers that do not look at the time themselves.
final class TimeKeeper: Sendable {
  private let done = DispatchSemaphore(value: 0)
  private let fired = Atomic(false)
  private let thread: Mutex<JoinableThread?>

  /// It has cancelled.
  var hasFired: Bool { fired.load(ordering: .acquiring) }

  init(_ cancellation: Cancellation, after limit: Duration) {
    thread = Mutex(nil)
    let milliseconds = DispatchTimeInterval.milliseconds(
      Int(clamping: limit.components.seconds * 1000 + limit.components.attoseconds / 1_000_000_000_000_000))
    // Without a thread left, the driver's own look at the time must do.
    let started = JoinableThread { [self] in
      guard done.wait(timeout: .now() + milliseconds) == .timedOut else { return }
      fired.store(true, ordering: .releasing)
      cancellation.cancel()
    }
    thread.withLock { $0 = started }
  }

  /// Must be called once.
  func end() {
    done.signal()
    thread.withLock { $0.take() }?.join()
  }
}
