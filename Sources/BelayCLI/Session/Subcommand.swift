import ArgumentParser
import BelayBase
import BelayCore

/// A command of belay: does its part in a session and says how it ended.
protocol Subcommand: ParsableCommand {
  var global: GlobalOptions { get }
  /// The command writes data to stdout, so nothing else may stand there.
  var writesData: Bool { get }

  /// Does it. What is thrown is shown, and its status is the exit status.
  func perform(in session: Session) throws(BelayError) -> ExitStatus
  /// Does it and shows how it ended. Gives the exit status as a number, for a command that has others by choice.
  func finish(in session: Session) -> Int32
}

extension Subcommand {
  var writesData: Bool { false }

  func finish(in session: Session) -> Int32 { statusOfPerforming(in: session) }

  func statusOfPerforming(in session: Session) -> Int32 {
    do {
      return try perform(in: session).rawValue
    } catch {
      return session.end(RunResult(failure: error)).rawValue
    }
  }

  mutating func run() throws {
    let status = finish(in: Session(options: global, dataOnStandardOutput: writesData))
    if status != 0 { throw ExitCode(status) }
  }
}
