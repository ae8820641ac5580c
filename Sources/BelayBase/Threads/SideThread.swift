import BelaySystem
import Synchronization

/// One piece of blocking work on a thread of its own, joined by whoever started it. A thread that the system does not give
/// is a failure of the work.
package final class SideThread<Output: Sendable>: Sendable {
  private final class Slot: Sendable { let outcome = Mutex<Result<Output, BelayError>?>(nil) }

  private let slot = Slot()
  private let thread: Mutex<JoinableThread?>

  package init(_ body: @escaping @Sendable () throws(BelayError) -> Output) {
    // What runs here starts programs.
    let started = JoinableThread(blocksSignals: false) { [slot] in
      let result = Result<Output, BelayError> { () throws(BelayError) in try body() }
      slot.outcome.withLock { $0 = result }
    }
    if started == nil { slot.outcome.withLock { $0 = .failure(.noThread) } }
    thread = Mutex(started)
  }

  deinit { thread.withLock { $0.take() }?.detach() }

  package func join() throws(BelayError) -> Output {
    thread.withLock { $0.take() }?.join()
    guard let result = slot.outcome.withLock({ $0 }) else {
      throw BelayError(.failed, "a thread ended without a result")
    }
    return try result.get()
  }
}

extension BelayError {
  /// The system gives no thread.
  package static var noThread: BelayError {
    BelayError(.failed, "the system does not give belay another thread", hint: SystemLimit.noThread)
  }
}
