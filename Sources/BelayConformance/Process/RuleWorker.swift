import BelayDrivers
import BelayProcess
import Foundation
import Glibc

/// The process that holds a driver to one rule: whatever the driver does to it, the suite goes on.
///
/// Its stdin brings the job; its descriptor 3 takes the messages; stdout and stderr are files in which nothing may be
/// found afterwards.
package enum RuleWorker {
  /// What the executable is called with. Not for people.
  package static let subcommand = "__rule"
  static let messages: Int32 = 3

  /// Does one job as a process of its own.
  package static func main() -> Never {
    // As in the process in which drivers do their work.
    signal(SIGPIPE, SIG_IGN)
    _ = fcntl(messages, F_SETFD, FD_CLOEXEC)
    do {
      let job = try JSONDecoder().decode(RuleJob.self, from: FileHandle.standardInput.readDataToEndOfFile())
      let (verdict, reason) = judge(job)
      send(.verdict(verdict, reason: reason))
    } catch {
      send(.verdict(.fail, reason: "the rule's process does not understand its job: \(error)"))
    }
    // Not _exit: what a driver does when the process ends is part of its behaviour.
    exit(0)
  }

  private static func judge(_ job: RuleJob) -> (Verdict, String?) {
    guard let rule = Rule.numbered(job.rule) else { return (.fail, "there is no rule \(job.rule)") }
    do {
      var told: Set<String> = []
      let bench = Bench(job) { name in
        if told.insert(name).inserted { send(.makes(name)) }
      }
      if let needed = rule.area.needed { try bench.needs(needed) }
      try rule.check(bench)
      return (.pass, nil)
    } catch let broken as Broken {
      return (.fail, broken.reason)
    } catch let skip as Skip {
      return (.skipped, skip.reason)
    } catch let error as DriverError {
      let hint = error.hint.map { "; \($0)" } ?? ""
      return (.fail, "a call failed that should not: \(error.message) (\(error.code), \(error.outcome))\(hint)")
    } catch let error as DriverLoadError {
      return (.fail, error.message)
    } catch {
      return (.fail, "\(error)")
    }
  }

  private static func send(_ message: RuleMessage) {
    do {
      let line = try JSONEncoder().encode(message) + [UInt8(ascii: "\n")]
      // Nobody listens any more: then nobody wants a verdict.
      guard FileBytes.writeAll(line, to: messages) else { exit(1) }
    } catch {
      exit(1)
    }
  }
}
