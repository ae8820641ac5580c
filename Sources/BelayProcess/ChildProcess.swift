import Glibc

/// A child process. Each must be waited for once, by one thread.
package struct ChildProcess: Sendable {
  package let pid: pid_t
  /// It has a process group of its own.
  private let isApart: Bool

  init(pid: pid_t, isApart: Bool) {
    self.pid = pid
    self.isApart = isApart
  }

  /// How it ended; nil if it is still running. Must not be called again after it returned a value.
  package func ending() -> ProcessEnding? {
    var status: Int32 = 0
    return waitpid(pid, &status, WNOHANG) == pid ? ProcessEnding(status) : nil
  }

  /// Waits for its end.
  package func wait() -> ProcessEnding {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    return ProcessEnding(status)
  }

  /// Ends it at once. It must be waited for all the same.
  func kill() { Glibc.kill(isApart ? -pid : pid, SIGKILL) }

  /// Waits for its end; if that takes too long, kills it, with its process group if that is its own.
  /// - Parameter meanwhile: Called every two milliseconds, and once more after its end, so that none of its output is
  ///   missed.
  /// - Returns: nil if it had to be killed.
  package func wait(atMost limit: Duration, meanwhile: () -> Void = {}) -> ProcessEnding? {
    let end = ContinuousClock.now + limit
    while true {
      let ending = ending()
      meanwhile()
      if let ending { return ending }
      if ContinuousClock.now > end {
        kill()
        _ = wait()
        return nil
      }
      usleep(2000)
    }
  }
}
