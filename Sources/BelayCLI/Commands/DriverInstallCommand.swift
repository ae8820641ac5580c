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
    abstract: "Check a driver, and put it where belay finds it.",
    discussion: """
      The file is copied into the folder and checked there; only then it takes the place of the one before, which is
      kept as belay-driver-NAME.so.previous. A signature beside it, FILE.sig, is installed with it.

      Example:
        belay driver install ./belay-driver-acme.so
      """)

  @Argument(help: "A file called belay-driver-NAME.so.", completion: .file(extensions: ["so"])) var file: String
  @OptionGroup var rules: RuleOptions
  @Flag(help: "For all users: PREFIX/lib/belay/drivers.") var system = false
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
      session.renderer.show(.log(LogLine(.notice, "the driver before is kept: \(installation.previous)")))
    }
    let first = search.candidates(named: name).first { $0.verdict.isFirst }
    if let first, first.path != destination {
      session.renderer.show(
        .log(LogLine(.warning, "\(first.path) comes first: `belay driver which \(name)` shows why")))
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
      throw BelayError(.refused, "driver \(installation.name) tells nothing", state: "nothing was installed")
    }
    return answer
  }
}

/// What `belay driver test` is to be told, where the driver is held to the rules before it is installed.
struct RuleOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Hold it to the rules of drivers first, with databases made here; {} is a name."))
  var url: String?

  @Option(
    help: ArgumentHelp("With --url: what to put into the databases, as for driver test.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var specimen: String?

  @Option(
    help: ArgumentHelp("With --url: shell command that removes a database; {} is its name.", valueName: "command"))
  var drop: String?

  func validate() throws {
    if url == nil && (specimen != nil || drop != nil) { throw ValidationError("--specimen and --drop go with --url") }
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
