import Glibc

/// An OS thread for work that blocks or computes for long, which Swift's cooperative pool must not be given. Foundation's
/// threads and Dispatch's queues do not say that the system has no thread left: the work never runs, and who waits for it
/// waits for ever.
package final class JoinableThread: @unchecked Sendable {
  // Unchecked: `thread` is written before init returns and never again.
  private let thread: pthread_t

  private final class Start: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Starts `body` on a new thread.
  ///
  /// Returns nil if the system has no thread left; then nothing has run, and `SystemLimit.noThread` says why.
  /// - Parameter blocksSignals: with every signal blocked, so that signals reach the thread that waits for them. Not for
  ///   work that starts programs: they inherit the mask.
  package init?(blocksSignals: Bool = true, _ body: @escaping @Sendable () -> Void) {
    var before = sigset_t()
    if blocksSignals {
      var every = sigset_t()
      sigfillset(&every)
      pthread_sigmask(SIG_SETMASK, &every, &before)
    }
    defer { if blocksSignals { pthread_sigmask(SIG_SETMASK, &before, nil) } }

    let start = Unmanaged.passRetained(Start(body))
    var created = pthread_t()
    let status = pthread_create(
      &created, nil,
      { raw in
        guard let raw else { return nil }
        Unmanaged<Start>.fromOpaque(raw).takeRetainedValue().body()
        return nil
      }, start.toOpaque())
    guard status == 0 else {
      start.release()
      return nil
    }
    thread = created
  }

  /// Waits for its end. Once, and not after `detach`.
  package func join() { pthread_join(thread, nil) }

  /// Lets it go on by itself.
  package func detach() { pthread_detach(thread) }
}
