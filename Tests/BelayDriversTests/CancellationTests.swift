import Synchronization
import Testing

@testable import BelayDrivers

/// Counts, from any thread.
final class Counter: Sendable {
  private let count = Atomic(0)
  func add() { count.add(1, ordering: .relaxed) }
  var value: Int { count.load(ordering: .relaxed) }
}

@Suite("Cancellation and operation")
struct CancellationTests {
  @Test("bodies run once, in order, and the first signal counts")
  func once() {
    let cancellation = Cancellation()
    let order = Mutex<[Int]>([])
    cancellation.onCancel { order.withLock { $0.append(1) } }
    cancellation.onCancel { order.withLock { $0.append(2) } }
    #expect(!cancellation.isCancelled)
    #expect(cancellation.signal == nil)
    cancellation.cancel(signal: 15)
    cancellation.cancel(signal: 2)
    #expect(cancellation.isCancelled)
    #expect(cancellation.signal == 15)
    #expect(order.withLock { $0 } == [1, 2])
  }

  @Test("a body that comes too late runs at once; one that was forgotten does not run")
  func lateAndForgotten() {
    let cancellation = Cancellation()
    let (late, forgotten) = (Counter(), Counter())
    cancellation.forget(cancellation.onCancel { forgotten.add() })
    cancellation.cancel()
    cancellation.onCancel { late.add() }
    #expect(late.value == 1)
    #expect(forgotten.value == 0)
  }

  @Test("a body may ask the cancellation that runs it")
  func reentrant() {
    let cancellation = Cancellation()
    let seen = Mutex<Int32?>(nil)
    cancellation.onCancel { [weak cancellation] in seen.withLock { $0 = cancellation?.signal } }
    cancellation.cancel(signal: 2)
    #expect(seen.withLock { $0 } == 2)
  }

  @Test("the time left is -1 without a deadline, never negative with one")
  func timeLeft() {
    #expect(Operation().remainingMilliseconds == -1)
    #expect(Operation(timeout: .zero).remainingMilliseconds == 0)
    #expect(Operation(timeout: .seconds(-5)).remainingMilliseconds == 0)
    let left = Operation(timeout: .seconds(60)).remainingMilliseconds
    #expect(left > 50_000 && left <= 60_000)
  }
}
