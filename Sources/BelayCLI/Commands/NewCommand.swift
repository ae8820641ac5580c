import ArgumentParser
import BelayBase
import BelayCore
import Foundation

struct NewCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Make the next migration file, named as the others in the folder are.",
    discussion: """
      Numbers it as the newest file is numbered, or by the time; makes the file that undoes it too where the folder has \
      such files, or its tool wants them; and puts the tool's marks in. Prints the paths. Asks no database, and never \
      overwrites a file.

      Example:
        belay new add_posts
        belay new "add posts" --dir db/migrations --convention goose
      """)

  @Argument(help: "What the migration does, in a few words: letters, digits, spaces, `_` and `-`.") var name: String
  @Option(name: .long, help: ArgumentHelp("Folder with the migrations.", valueName: "dir"), completion: .directory)
  var dir: String?
  @Option(
    name: .long,
    help: ArgumentHelp("Whose rules the folder follows. Default: as the folder shows it.", valueName: "name"))
  var convention: ConventionName?
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let settings = session.settings(try session.configuration(), dir: dir, convention: convention)
    return session.end(try MigrationFiles(settings: settings.migrations).make(name, now: Date()))
  }
}
