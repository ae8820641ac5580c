import ArgumentParser
import BelayBase
import BelayCore
import Foundation
import SystemPackage

struct CheckCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Run the checks in belay.yaml and check foreign keys and integrity. Changes nothing.",
    discussion: """
      Without a target, all targets in belay.yaml are checked. Exits with 31 if a check fails or cannot be run, and with 3 \
      if there are only warnings. With --nagios, exits with 0, 1, 2 or 3 as monitoring plugins do.

      Example:
        belay check shop
        belay check shop warehouse --junit checks.xml
      """)

  @Argument(
    help: "URLs (such as sqlite:shop.db) or names in belay.yaml. Default: all targets in belay.yaml.",
    completion: .target)
  var targets: [String] = []
  @Flag(name: .long, help: "Print what a monitoring plugin prints, and exit like one.") var nagios = false
  @Option(
    name: .long, help: ArgumentHelp("Also write the results to this file, as JUnit XML.", valueName: "file"),
    completion: .file(extensions: ["xml"]))
  var junit: String?
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if nagios && global.json { throw ValidationError("--nagios and --json cannot be combined") }
  }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let checked = try checked(in: session, showing: session.renderer)
    return session.end(checked.together)
  }

  func finish(in session: Session) -> Int32 {
    guard nagios else { return statusOfPerforming(in: session) }
    let text: NagiosText
    do {
      text = NagiosText(try checked(in: session, showing: SilentRenderer()))
    } catch {
      text = NagiosText(error)
    }
    session.renderer.show([String](), as: text.lines)
    return text.state.rawValue
  }

  private func checked(in session: Session, showing: any Renderer) throws(BelayError) -> [CheckedTarget] {
    let checked = try TargetChecks(targets, in: session, showing: showing).run()
    if let junit {
      try write(JUnitReport(targets: checked).xml, to: Configuration.absolute(junit, from: session.currentFolder))
    }
    return checked
  }

  private func write(_ xml: String, to path: String) throws(BelayError) {
    do {
      try Durable.write(Data(xml.utf8), to: FilePath(path), permissions: [.ownerReadWrite, .groupRead, .otherRead])
    } catch {
      throw BelayError(
        .failed, "cannot write \(path)", hint: "choose another file with --junit", state: "nothing was changed",
        causes: [error.description])
    }
  }
}
