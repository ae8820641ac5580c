import Synchronization

/// A request to stop, for everything that is going on. It is set once and cannot be revoked. Can be used from any
/// thread, but not from a signal handler.
package final class Cancellation: Sendable {
  /// Identifies a registered body, so that it can be removed when its work is over.
  package struct Registration: Sendable, Equatable { fileprivate let number: UInt64 }

  private struct State {
    var signal: Int32?
    var isFromTerminal = false
    var nextNumber: UInt64 = 0
    var bodies: [UInt64: @Sendable () -> Void] = [:]
  }

  // Outside the lock, because drivers poll it in their inner loops.
  private let cancelled = Atomic(false)
  private let state = Mutex(State())

  package init() {}

  package var isCancelled: Bool { cancelled.load(ordering: .acquiring) }

  /// The signal that caused it; nil if it was not a signal, or nothing was cancelled yet.
  package var signal: Int32? { state.withLock { $0.signal } }

  /// The terminal has sent that signal, to every process of the foreground.
  package var isFromTerminal: Bool { state.withLock { $0.isFromTerminal } }

  /// Cancels, and runs every registered body on this thread. The second call does nothing: the first signal counts.
  package func cancel(signal: Int32? = nil, isFromTerminal: Bool = false) {
    let bodies = state.withLock { state -> [@Sendable () -> Void] in
      guard !cancelled.load(ordering: .relaxed) else { return [] }
      state.signal = signal
      state.isFromTerminal = isFromTerminal
      cancelled.store(true, ordering: .releasing)
      defer { state.bodies = [:] }
      return state.bodies.sorted { $0.key < $1.key }.map(\.value)
    }
    // Outside the lock: a body may use this object, or wait for a thread that does.
    for body in bodies { body() }
  }

  /// Runs body on the thread that cancels; immediately, on this thread, if that has already happened.
  @discardableResult
  package func onCancel(_ body: @escaping @Sendable () -> Void) -> Registration {
    let registered = state.withLock { state -> Registration? in
      guard !cancelled.load(ordering: .relaxed) else { return nil }
      state.nextNumber += 1
      state.bodies[state.nextNumber] = body
      return Registration(number: state.nextNumber)
    }
    if let registered { return registered }
    body()
    return Registration(number: 0)
  }

  /// The body will not be run any more, unless a cancellation is running it right now.
  package func forget(_ registration: Registration) {
    state.withLock { _ = $0.bodies.removeValue(forKey: registration.number) }
  }
}
