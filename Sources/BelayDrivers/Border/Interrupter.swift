import CBelayDriver
import Synchronization

/// Lets a cancellation interrupt the call that is running on a connection, from another thread, and nothing else:
/// neither the next call, which may be part of a rollback, nor a connection that is closed.
final class Interrupter: @unchecked Sendable {
  typealias Interrupt = @convention(c) (OpaquePointer?) -> Void

  private struct State {
    /// nil: closed.
    var connection: OpaquePointer?
    /// The number of the running call; 0: none.
    var running: UInt64 = 0
    var calls: UInt64 = 0
  }

  // Unchecked only because C's function pointers and OpaquePointer are not marked Sendable: the function pointer never
  // changes, and the lock protects the OpaquePointer.
  private let interrupt: Interrupt?
  private let state: Mutex<State>

  init(_ connection: OpaquePointer, interrupt: Interrupt?) {
    self.interrupt = interrupt
    let address = UInt(bitPattern: connection)
    state = Mutex(State(connection: OpaquePointer(bitPattern: address)))
  }

  /// Runs body as the call that the cancellation may interrupt. nil: it was cancelled before body began.
  func during<R>(_ cancellation: Cancellation?, _ body: () -> R) -> R? {
    guard let cancellation else { return body() }
    if cancellation.isCancelled { return nil }
    let number = state.withLock { state in
      state.calls += 1
      state.running = state.calls
      return state.calls
    }
    let registration = cancellation.onCancel { [weak self] in self?.stop(number) }
    defer {
      state.withLock { $0.running = 0 }
      cancellation.forget(registration)
    }
    // The cancellation may have come while body was being registered: then nothing would interrupt it.
    return cancellation.isCancelled ? nil : body()
  }

  /// From now on nothing can be interrupted.
  func close() { state.withLock { $0.connection = nil } }

  private func stop(_ number: UInt64) {
    // Within the lock: the call cannot end, and the connection cannot be closed, while the driver uses it.
    state.withLock { state in
      if state.running == number, let connection = state.connection { interrupt?(connection) }
    }
  }
}
