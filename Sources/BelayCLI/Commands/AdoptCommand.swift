import ArgumentParser
import BelayBase
import BelayCore

struct AdoptCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt",
    abstract:
      "Write the lost ledger of a database that has been migrated: mark migrations as applied without running them.",
    discussion: """
      For a database that a migration tool, or belay, has brought to some version, and that has no ledger any more. Runs the \
      files of the folder up to that version in an empty database and compares the schemas. If they are equal, it backs up, \
      asks, and marks these files as applied, in the ledger of the folder's tool. Otherwise it exits with 22 and lists what \
      differs. Rows are not compared.

      Example:
        belay adopt shop --baseline 20261120
      """)

  @OptionGroup var target: TargetArgument
  @Option(
    name: .long, help: ArgumentHelp("The last migration that is applied: its number or name.", valueName: "version"))
  var baseline: String
  @OptionGroup var folder: FolderOptions
  @Flag(name: .long, help: "Do not rehearse on a copy first.") var noRehearse = false
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.resolver(configuration).target(target.target)
    var settings = session.settings(configuration)
    folder.apply(to: &settings.migrations, in: session)
    var request = AdoptRequest(baseline: baseline)
    request.rehearse = !noRehearse
    return try session.run(.adopt(request), target: chosen, settings: settings)
  }
}
