import Dispatch
import Foundation
import Synchronization

/// Runs work that may never return on a thread of its own.
enum TimeLimit {
  private final class Slot<Output: Sendable>: Sendable { let value = Mutex<Output?>(nil) }

  /// What body returns; nil if it takes too long. Its thread then continues, because it cannot be stopped.
  static func run<Output: Sendable>(_ limit: Duration, _ body: @escaping @Sendable () -> Output) -> Output? {
    let slot = Slot<Output>()
    let done = DispatchSemaphore(value: 0)
    Thread.detachNewThread {
      let output = body()
      slot.value.withLock { $0 = output }
      done.signal()
    }
    let parts = limit.components
    let wait = DispatchTimeInterval.milliseconds(
      Int(parts.seconds) * 1000 + Int(parts.attoseconds / 1_000_000_000_000_000))
    guard done.wait(timeout: .now() + wait) == .success else { return nil }
    return slot.value.withLock { $0 }
  }
}
