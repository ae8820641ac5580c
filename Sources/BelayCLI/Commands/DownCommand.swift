import ArgumentParser
import BelayBase
import BelayCore

struct DownCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "down",
    abstract: "Draft what undoes a migration.",
    discussion: "To undo migrations: `belay migrate --down 1`, or `belay rollback ID`, which brings rows back too.",
    subcommands: [DownNewCommand.self])
}

struct DownNewCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "new",
    abstract: "Draft the way down of a migration, from the schema before and after it.",
    discussion: """
      Runs the files of the folder up to that version in an empty database beside the target, and undoes there what the last \
      one has done to the schema, statement by statement. Writes the statements that the engine has taken where the folder's \
      tool looks for a way down, and says what they do not undo: rows, values, and what the engine refuses. A way down that \
      is there is never replaced. The target is only read.

      Example:
        belay down new 20261120 shop
      """)

  @Argument(help: "The migration: its number or its name.") var version: String
  @OptionGroup var target: TargetArgument
  @OptionGroup var folder: FolderOptions
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.resolver(configuration).target(target.target)
    var settings = session.settings(configuration)
    folder.apply(to: &settings.migrations, in: session)
    return try session.run(.draftDown(DownDraftRequest(version: version)), target: chosen, settings: settings)
  }
}
