import Foundation
import Glibc

/// Takes SIGINT, SIGTERM and SIGHUP in a thread of its own, so that no handler interrupts anything.
package enum SignalThread {
  package static let caught = [SIGINT, SIGTERM, SIGHUP]

  /// Must be called before any other thread is started: they inherit the mask, and a thread without it would die of the
  /// signal.
  /// - Parameter body: Called in that thread, once per signal.
  package static func start(_ body: @escaping @Sendable (Int32) -> Void) {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in caught { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    let watched = set
    Thread.detachNewThread {
      var set = watched
      while true {
        var signal: Int32 = 0
        if sigwait(&set, &signal) == 0 { body(signal) }
      }
    }
  }
}
