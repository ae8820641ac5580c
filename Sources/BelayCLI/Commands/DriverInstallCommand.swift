import ArgumentParser
import BelayBase
import BelayCore
import BelayDrivers
import BelayStore
import Foundation
import SystemPackage

struct DriverInstallCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "install",
    abstract: "Check a driver and install it where belay finds it.",
    discussion: """
      Copies the file into the folder of the drivers and checks the copy there. Only then does the copy replace the
      previous driver, which is kept as belay-driver-NAME.so.previous. A signature beside the file, FILE.sig, is
      installed with it.

      Example:
        belay driver install ./belay-driver-acme.so
      """)

  @Argument(help: "A file named belay-driver-NAME.so.", completion: .file(extensions: ["so"])) var file: String
  @OptionGroup var rules: RuleOptions
  @Flag(help: "Install for all users, into PREFIX/lib/belay/drivers.") var system = false
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let search = session.drivers(session.settings(try session.configuration()))
    let (name, path) = try session.driverFile(file)
    let installation = try DriverInstallation(
      name: name, folder: try session.installFolder(search, forAll: system), keys: search.keys, forAll: system,
      onStep: InstallationFault.strike)
    let replaced: Bool
    let answer: DriverProbe.Answer
    do {
      let facts = try installation.stage(path)
      answer = try check(installation, session)
      if let options = rules.repeated {
        try DriverRules(executable: session.executable, options: options).hold(try installation.named())
      }
      replaced = try installation.commit(
        facts, version: answer.version, schemes: answer.schemes, source: path, now: Date.now.formatted(.iso8601))
    } catch {
      installation.abandon()
      throw error
    }
    let destination = installation.destination.string
    if replaced {
      session.renderer.show(.log(LogLine(.notice, "the previous driver is kept: \(installation.previous)")))
    }
    let first = search.candidates(named: name).first { $0.verdict.isFirst }
    if let first, first.path != destination {
      session.renderer.show(
        .log(LogLine(.warning, "\(first.path) takes precedence: `belay driver which \(name)` shows why")))
    }
    let result = RunResult(.done, "installed \(name) \(answer.version) as \(destination)", output: [destination])
    return session.end(result)
  }

  /// Runs what was staged in processes of its own.
  /// - Returns: What it tells of itself.
  private func check(_ installation: DriverInstallation, _ session: Session) throws(BelayError) -> DriverProbe.Answer {
    let probe = DriverProbe(executable: session.executable)
    let report = try probe.look(at: installation.staged.string, as: installation.name)
    if let flaw = report.flaw {
      throw BelayError(.refused, flaw.message, hint: flaw.hint, state: "nothing was installed")
    }
    if let printed = report.printed {
      throw BelayError(
        .refused, "driver \(installation.name) writes to stdout or stderr when it is loaded",
        hint: "report this to the driver's author", state: "nothing was installed", causes: [printed])
    }
    guard let answer = report.answer else {
      throw BelayError(
        .refused, "driver \(installation.name) returned no information about itself", state: "nothing was installed")
    }
    return answer
  }
}

/// The options for `belay driver test`, if the driver is tested before it is installed.
struct RuleOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Test the driver first, with databases created at this URL; {} stands for a name."))
  var url: String?

  @Option(
    help: ArgumentHelp("With --url: the specimen file, as for `driver test`.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var specimen: String?

  @Option(
    help: ArgumentHelp(
      "With --url: shell command that removes a database; {} stands for its name.", valueName: "command"))
  var drop: String?

  func validate() throws {
    if url == nil && (specimen != nil || drop != nil) { throw ValidationError("--specimen and --drop need --url") }
  }

  /// As `belay driver test` takes them; nil where nothing is to be tested.
  var repeated: [String]? {
    guard let url else { return nil }
    let others = [("--specimen", specimen), ("--drop", drop)].flatMap { name, value in value.map { [name, $0] } ?? [] }
    return ["--url", url] + others
  }
}

/// Kills an installation right before a chosen step, so that tests can see what is left then. Built only into debug
/// builds: `BELAY_FAULT=kill-install:renaming`.
enum InstallationFault {
  static func strike(_ step: DriverInstallation.Step) {
    #if DEBUG
      guard ProcessInfo.processInfo.environment["BELAY_FAULT"] == "kill-install:\(step.rawValue)" else { return }
      kill(getpid(), SIGKILL)
    #endif
  }
}
