import Glibc

/// A process that was started here. Each must be waited for once, by one thread.
package struct ChildProcess: Sendable {
  package let pid: pid_t
  /// In a process group of its own.
  private let isApart: Bool

  init(pid: pid_t, isApart: Bool) {
    self.pid = pid
    self.isApart = isApart
  }

  /// How it ended; nil where it still runs. Not asked again after an answer.
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

  /// Waits for its end, and ends it, with its process group if that is its own, where it takes longer.
  /// - Parameter meanwhile: Called every other millisecond, and once more after its end: nothing that it wrote is missed.
  /// - Returns: nil where it had to be ended.
  package func wait(atMost limit: Duration, meanwhile: () -> Void = {}) -> ProcessEnding? {
    let end = ContinuousClock.now + limit
    while true {
      let ending = ending()
      meanwhile()
      if let ending { return ending }
      if ContinuousClock.now > end {
        kill(isApart ? -pid : pid, SIGKILL)
        _ = wait()
        return nil
      }
      usleep(2000)
    }
  }
}
