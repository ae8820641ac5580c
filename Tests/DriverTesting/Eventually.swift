import Foundation

/// Asks until it is so: what another process does comes when it comes. On a machine that has other work it comes late, so
/// only what never comes is a failure, after two minutes.
/// - Parameter what: is waited for, as the failure says it.
/// - Throws: what the condition throws, or that it has not come.
package func eventually(_ what: String = "", _ condition: () throws -> Bool) throws {
  let limit = ContinuousClock.now + .seconds(120)
  while try !condition() {
    guard ContinuousClock.now < limit else { throw NeverCame(what: what) }
    Thread.sleep(forTimeInterval: 0.02)
  }
}

/// Waits for a file that another process makes.
package func eventually(thereIs file: URL) throws {
  try eventually(file.path) { FileManager.default.fileExists(atPath: file.path) }
}

private struct NeverCame: Error, CustomStringConvertible {
  let what: String
  var description: String { what.isEmpty ? "what was waited for never came" : "it never came to this: \(what)" }
}

/// Far from what takes no time on a machine that has other work, and from what takes minutes, or has no end.
package let soon = Duration.seconds(30)

/// What this thread spends on something, whoever else is at work on the machine: to compare with what a larger or smaller
/// piece of the same work takes.
package func threadTime(_ body: () throws -> Void) rethrows -> Duration {
  func now() -> Duration {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
  }
  let before = now()
  try body()
  return now() - before
}
