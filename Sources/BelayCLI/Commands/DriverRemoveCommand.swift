import ArgumentParser
import BelayBase
import BelayCore
import BelayDrivers

struct DriverRemoveCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "remove",
    abstract: "Remove an installed driver and its record.",
    discussion: """
      Example:
        belay driver remove acme
      """)

  @Argument(help: "The driver's name, as in belay-driver-NAME.so.", completion: .driver) var name: String
  @Flag(help: "Remove it from PREFIX/lib/belay/drivers, where it is installed for all users.") var system = false
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let search = session.drivers(session.settings(try session.configuration()))
    guard DriverFileName.name(of: DriverFileName.of(name)) == name else {
      throw BelayError(.usage, "`\(name)` cannot be the name of a driver", state: "nothing was changed")
    }
    let removed = try DriverRemoval.remove(
      name, from: try session.installFolder(search, forAll: system), forAll: system)
    let rest = search.candidates(named: name).filter {
      $0.verdict != .skipped("no such file") && $0.verdict != .skipped("not an absolute path")
    }
    for other in rest {
      session.renderer.show(
        .log(LogLine(.notice, "\(other.path) still exists\(other.verdict.isFirst ? " and is used now" : "")")))
    }
    return session.end(RunResult(.done, "removed \(removed)"))
  }
}
