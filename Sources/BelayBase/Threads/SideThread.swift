import Dispatch
import Synchronization

/// One piece of blocking work on a thread of its own, joined by whoever started it.
package final class SideThread<Output: Sendable>: Sendable {
  private let outcome = Mutex<Result<Output, BelayError>?>(nil)
  private let group = DispatchGroup()

  package init(_ body: @escaping @Sendable () throws(BelayError) -> Output) {
    DispatchQueue.global(qos: .userInitiated).async(group: group) { [self] in
      let result = Result<Output, BelayError> { () throws(BelayError) in try body() }
      outcome.withLock { $0 = result }
    }
  }

  package func join() throws(BelayError) -> Output {
    group.wait()
    guard let result = outcome.withLock({ $0 }) else {
      throw BelayError(.failed, "a thread ended without a result")
    }
    return try result.get()
  }
}
