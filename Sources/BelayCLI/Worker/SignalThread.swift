import BelaySystem
import Glibc

/// Takes SIGINT, SIGTERM and SIGHUP in a thread of its own, so that no handler interrupts anything.
package enum SignalThread {
  package static let caught = [SIGINT, SIGTERM, SIGHUP]

  /// Must be called before any other thread is started: they inherit the mask, and a thread without it would die of the
  /// signal.
  /// - Parameter body: Called in that thread, once per signal.
  /// - Returns: false where the system has no thread left: the signals wait then.
  package static func start(_ body: @escaping @Sendable (Int32) -> Void) -> Bool {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in caught { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    let watched = set
    let thread = JoinableThread {
      var set = watched
      while true {
        var signal: Int32 = 0
        if sigwait(&set, &signal) == 0 { body(signal) }
      }
    }
    thread?.detach()
    return thread != nil
  }
}
