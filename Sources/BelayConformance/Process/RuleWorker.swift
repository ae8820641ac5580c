import BelayDrivers
import BelayProcess
import Foundation
import Glibc

/// The process that tests a driver against one rule: whatever the driver does to it, the suite continues.
///
/// It reads the job from stdin, and writes messages to descriptor 3. stdout and stderr are files that must be empty
/// afterwards.
package enum RuleWorker {
  /// The executable's argument. Not for people.
  package static let subcommand = "__rule"
  static let messages: Int32 = 3

  /// Does one job in this process, then ends it.
  package static func main() -> Never {
    // As in the worker process.
    signal(SIGPIPE, SIG_IGN)
    _ = fcntl(messages, F_SETFD, FD_CLOEXEC)
    do {
      let job = try JSONDecoder().decode(RuleJob.self, from: FileHandle.standardInput.readDataToEndOfFile())
      let (verdict, reason) = judge(job)
      send(.verdict(verdict, reason: reason))
    } catch {
      send(.verdict(.fail, reason: "the rule's process cannot read its job: \(error)"))
    }
    // Not _exit: what a driver does at the end of the process is part of its behaviour.
    exit(0)
  }

  private static func judge(_ job: RuleJob) -> (Verdict, String?) {
    guard let rule = Rule.numbered(job.rule) else { return (.fail, "there is no rule \(job.rule)") }
    do {
      var told: Set<String> = []
      let trace = job.isTraced ? CallTrace { send(.call($0)) } : nil
      let bench = Bench(job, trace: trace) { name in
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
      return (.fail, error.unexpected)
    } catch let error as DriverLoadError {
      return (.fail, error.message)
    } catch {
      return (.fail, "\(error)")
    }
  }

  private static func send(_ message: RuleMessage) {
    do {
      let line = try JSONEncoder().encode(message) + [UInt8(ascii: "\n")]
      // Nobody reads any more, so nobody needs a verdict.
      guard FileBytes.writeAll(line, to: messages) else { exit(1) }
    } catch {
      exit(1)
    }
  }
}
