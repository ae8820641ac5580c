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
}

extension Subcommand {
  var writesData: Bool { false }

  mutating func run() throws {
    let session = Session(options: global, dataOnStandardOutput: writesData)
    let status: ExitStatus
    do {
      status = try perform(in: session)
    } catch {
      status = session.end(RunResult(failure: error))
    }
    if status != .done { throw ExitCode(status.rawValue) }
  }
}

/// A command on a target.
struct TargetArgument: ParsableArguments {
  @Argument(help: "A URL (SCHEME:…) or a name in belay.yaml. Can be omitted if belay.yaml has only one target.")
  var target: String?
}
