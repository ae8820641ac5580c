import BelaySystem
import Dispatch
import Synchronization

/// Runs work that may never return on a thread of its own.
enum TimeLimit {
  enum Outcome<Output: Sendable> {
    case done(Output)
    /// It takes too long. Its thread continues, because it cannot be stopped.
    case tooLong
    /// The system has no thread left; nothing has run.
    case noThread
  }

  private final class Slot<Output: Sendable>: Sendable { let value = Mutex<Output?>(nil) }

  static func run<Output: Sendable>(
    _ limit: Duration, _ body: @escaping @Sendable () -> Output
  ) -> Outcome<Output> {
    let slot = Slot<Output>()
    let done = DispatchSemaphore(value: 0)
    let thread = JoinableThread(blocksSignals: false) {
      let output = body()
      slot.value.withLock { $0 = output }
      done.signal()
    }
    guard let thread else { return .noThread }
    thread.detach()
    let parts = limit.components
    let wait = DispatchTimeInterval.milliseconds(
      Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000))
    guard done.wait(timeout: .now() + wait) == .success, let output = slot.value.withLock({ $0 }) else {
      return .tooLong
    }
    return .done(output)
  }
}
