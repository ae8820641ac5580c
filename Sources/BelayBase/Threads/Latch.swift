import Foundation

/// Closed until somebody opens it, and then open for ever. Any thread.
package final class Latch: Sendable {
  private let condition = NSCondition()
  // Guarded by the condition, which is what threads wait for.
  private nonisolated(unsafe) var isOpen = false

  package init() {}

  package func open() {
    condition.withLock {
      isOpen = true
      condition.broadcast()
    }
  }

  package func wait() {
    condition.withLock { while !isOpen { condition.wait() } }
  }
}
