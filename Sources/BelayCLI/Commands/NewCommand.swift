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
  @OptionGroup var folder: FolderOptions
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    var settings = session.settings(try session.configuration()).migrations
    folder.apply(to: &settings, in: session)
    return session.end(try MigrationFiles(settings: settings).make(name, now: Date()))
  }
}
