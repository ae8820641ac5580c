import Glibc

/// The processes of one command: those that have its mark in their environment, which whatever they start inherits, and
/// those that these have started. The mark finds them also where the process that started the command is gone.
package struct MarkedProcesses: Sendable {
  private let name: String
  private let value: String
  /// The command itself, which may run with the rights of another user; nil: not known, or it has been waited for. From
  /// then on its number may be another process's.
  package var root: pid_t?

  package init(name: String, value: String) {
    self.name = name
    self.value = value
  }

  /// What the command is started with.
  package var environment: [String: String] { [name: value] }

  /// Those that are running now. Never this process.
  package func running() -> [RunningProcess] {
    let all = RunningProcess.all()
    var found = Set(all.filter { $0.pid == root || $0.isMarked("\(name)=\(value)") }.map(\.pid))
    var children: Set<pid_t>
    repeat {
      children = Set(all.filter { found.contains($0.parent) }.map(\.pid)).subtracting(found)
      found.formUnion(children)
    } while !children.isEmpty
    found.remove(getpid())
    return all.filter { found.contains($0.pid) }
  }

  /// Sends all of them a signal.
  package func signal(_ number: Int32) {
    for process in running() { kill(process.pid, number) }
  }

  /// Waits until there are none.
  /// - Returns: those that are left after that time.
  package func wait(atMost limit: Duration) -> [RunningProcess] {
    let end = ContinuousClock.now + limit
    while true {
      let left = running()
      if left.isEmpty || ContinuousClock.now > end { return left }
      usleep(20_000)
    }
  }

  /// Asks all of them to end, and ends those that have not after some time.
  /// - Returns: those that there were.
  package func end(after grace: Duration) -> [RunningProcess] {
    let found = running()
    guard !found.isEmpty else { return [] }
    for process in found { kill(process.pid, SIGTERM) }
    guard !wait(atMost: grace).isEmpty else { return found }
    // What they start meanwhile ends too.
    for _ in 0..<50 {
      let left = running()
      if left.isEmpty { break }
      for process in left { kill(process.pid, SIGKILL) }
      usleep(20_000)
    }
    return found
  }
}
