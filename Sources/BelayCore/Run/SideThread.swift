import BelayDrivers
import Dispatch
import Synchronization

/// One piece of blocking work on a thread of its own, joined by whoever started it.
final class SideThread<Output: Sendable>: Sendable {
  private let outcome = Mutex<Result<Output, BelayError>?>(nil)
  private let group = DispatchGroup()

  init(_ body: @escaping @Sendable () throws(BelayError) -> Output) {
    DispatchQueue.global(qos: .userInitiated).async(group: group) { [self] in
      let result = Result<Output, BelayError> { () throws(BelayError) in try body() }
      outcome.withLock { $0 = result }
    }
  }

  func join() throws(BelayError) -> Output {
    group.wait()
    guard let result = outcome.withLock({ $0 }) else {
      throw BelayError(.failed, "a thread ended without a result")
    }
    return try result.get()
  }
}

extension RunContext {
  /// The same context with a switch of its own, which the run's switch also throws: for work on two threads, where the
  /// failure of one ends the other.
  func linked() -> RunContext {
    let child = Cancellation()
    let parent = cancellation
    parent.onCancel { [weak child] in child?.cancel(signal: parent.signal) }
    return RunContext(settings: settings, narrator: narrator, cancellation: child, interactive: interactive)
  }
}
