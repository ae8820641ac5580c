import BelaySystem
import Glibc

/// Takes SIGINT, SIGTERM and SIGHUP in a thread of its own, so that no handler interrupts anything.
package enum SignalThread {
  package static let caught = [SIGINT, SIGTERM, SIGHUP]
  /// `SI_KERNEL`, which Swift does not import.
  private static let fromKernel: Int32 = 0x80

  /// Must be called before any other thread is started: they inherit the mask, and a thread without it would die of the
  /// signal.
  /// - Parameter body: Called in that thread, once per signal, and told whether the terminal has sent it, as it does on
  ///   Ctrl+C: then every process of the foreground has got it.
  /// - Returns: false where the system has no thread left: the signals wait then.
  package static func start(_ body: @escaping @Sendable (Int32, _ isFromTerminal: Bool) -> Void) -> Bool {
    var set = sigset_t()
    sigemptyset(&set)
    for signal in caught { sigaddset(&set, signal) }
    pthread_sigmask(SIG_BLOCK, &set, nil)
    let watched = set
    let thread = JoinableThread {
      var set = watched
      while true {
        var info = siginfo_t()
        let signal = sigwaitinfo(&set, &info)
        // Another process's signal has another code.
        if signal > 0 { body(signal, info.si_code == fromKernel) }
      }
    }
    thread?.detach()
    return thread != nil
  }
}
