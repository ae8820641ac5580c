import ArgumentParser
import BelayBase
import BelayConformance
import BelayCore
import BelayText
import Glibc

/// The command line of belay.
package enum BelayCommandLine {
  /// Runs what the arguments say and exits with its status. Never returns.
  package static func main() -> Never {
    // A limit on the size of files is an error of the write, as a full disk is: no process of belay dies of it.
    signal(SIGXFSZ, SIG_IGN)
    CrashWords.install(speaks: CommandLine.arguments.dropFirst().first?.hasPrefix("__") != true)
    if CommandLine.arguments.dropFirst().first == Worker.subcommand {
      Worker.main { job, narrator, cancellation in
        let probe = DriverProbe(executable: job.settings.executable)
        return JobRunner(narrator: narrator, cancellation: cancellation, look: probe.schemes).run(job)
      }
    }
    if CommandLine.arguments.dropFirst().first == RuleWorker.subcommand { RuleWorker.main() }
    if CommandLine.arguments.dropFirst().first == DriverProbeChild.subcommand {
      DriverProbeChild.main(Array(CommandLine.arguments.dropFirst(2)), executable: Session.executablePath())
    }
    // `belay list | head` ends quietly, and a worker that is gone is noticed at its events.
    signal(SIGPIPE, SIG_IGN)
    runCommand(Array(CommandLine.arguments.dropFirst()))
  }

  private static func runCommand(_ arguments: [String]) -> Never {
    do {
      var command = try RootCommand.parseAsRoot(arguments)
      try command.run()
      exit(0)
    } catch {
      // A command that has run has said what there is to say.
      guard !(error is ExitCode), RootCommand.exitCode(for: error) == .validationFailure else {
        RootCommand.exit(withError: error)
      }
      refuse(error, arguments)
    }
  }

  /// The command line cannot be read. What is said of it quotes what was typed, and that may be a URL.
  private static func refuse(_ error: any Error, _ arguments: [String]) -> Never {
    // Whoever reads the events of `--json` is promised one result.
    if arguments.prefix(while: { $0 != "--" }).contains("--json") {
      let usage = BelayError(.usage, redact(words: RootCommand.message(for: error)))
      JSONRenderer(output: DescriptorOutput(STDOUT_FILENO)).show(.result(RunResult(failure: usage)))
    }
    let output = DescriptorOutput(STDERR_FILENO)
    for line in VisibleText.lines(RootCommand.fullMessage(for: error)) {
      output.write(ScreenText(redact(words: line)).line)
    }
    exit(ExitCode.validationFailure.rawValue)
  }
}
