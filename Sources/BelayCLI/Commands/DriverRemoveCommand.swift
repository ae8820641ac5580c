import ArgumentParser
import BelayBase
import BelayCore
import BelayDrivers

struct DriverRemoveCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Remove a driver that was installed, with what was recorded of it.",
    discussion: """
      Example:
        belay driver remove acme
      """)

  @Argument(help: "The driver's name, as in belay-driver-NAME.so.") var name: String
  @Flag(help: "From PREFIX/lib/belay/drivers, where it is for all users.") var system = false
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let search = session.drivers(session.settings(try session.configuration()))
    guard DriverFileName.name(of: DriverFileName.of(name)) == name else {
      throw BelayError(.usage, "no driver can be called \(name)", state: "nothing was changed")
    }
    let removed = try DriverRemoval.remove(
      name, from: try session.installFolder(search, forAll: system), forAll: system)
    let rest = search.candidates(named: name).filter {
      $0.verdict != .passedOver("no such file") && $0.verdict != .passedOver("not an absolute path")
    }
    for other in rest {
      session.renderer.show(
        .log(LogLine(.notice, "there is still \(other.path)\(other.verdict.isFirst ? ", which is used now" : "")")))
    }
    return session.end(RunResult(.done, "removed \(removed)"))
  }
}
