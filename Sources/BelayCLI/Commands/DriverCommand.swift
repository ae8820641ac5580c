import ArgumentParser
import BelayBase
import BelayCore
import BelayDrivers

struct DriverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "driver",
    abstract: "List, explain, install, remove, create and test drivers.",
    subcommands: [
      DriverListCommand.self, DriverWhichCommand.self, DriverInfoCommand.self, DriverInstallCommand.self,
      DriverRemoveCommand.self,
      DriverNewCommand.self,
      DriverTestCommand.self,
    ])
}

extension Session {
  /// The folder into which drivers are installed.
  /// - Parameter forAll: `--system`.
  func installFolder(_ search: DriverSearch, forAll: Bool) throws(BelayError) -> String {
    if let folder = search.folder(for: forAll ? .system : .user) { return folder }
    throw BelayError(
      .notFound,
      forAll ? "cannot determine where belay is installed" : "neither XDG_DATA_HOME nor HOME is set to a folder",
      state: "nothing was changed")
  }
}
