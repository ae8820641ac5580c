import ArgumentParser
import BelayBase

/// Which migrations a command is about, and whose they are.
struct FolderOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Folder with the migrations.", valueName: "dir"), completion: .directory)
  var dir: String?
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Whose rules the folder and its ledger follow. Default: as the folder shows it.", valueName: "name"))
  var convention: ConventionName?

  /// Overrides what belay.yaml says.
  func apply(to settings: inout MigrationSettings, in session: Session) {
    if let dir { settings.directory = Configuration.absolute(dir, from: session.currentFolder) }
    if let convention { settings.convention = convention }
  }
}
