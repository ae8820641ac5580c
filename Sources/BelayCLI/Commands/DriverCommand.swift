import ArgumentParser
import BelayBase
import BelayCore
import BelayDrivers

struct DriverCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "driver",
    abstract: "See which drivers there are and why one is taken; install and remove them; write one.",
    subcommands: [
      DriverListCommand.self, DriverWhichCommand.self, DriverInfoCommand.self, DriverInstallCommand.self,
      DriverRemoveCommand.self,
      DriverNewCommand.self,
      DriverTestCommand.self,
    ])
}

extension Session {
  func drivers(_ settings: Settings) -> DriverSearch {
    DriverSearch(paths: settings.driverPaths, environment: environment, executable: executable)
  }

  /// The folder into which drivers are installed.
  /// - Parameter forAll: `--system`.
  func installFolder(_ search: DriverSearch, forAll: Bool) throws(BelayError) -> String {
    if let folder = search.folder(for: forAll ? .system : .user) { return folder }
    throw BelayError(
      .notFound, forAll ? "where belay is installed is not known" : "neither XDG_DATA_HOME nor HOME names a folder",
      state: "nothing was changed")
  }
}
