import ArgumentParser
import BelayBase
import BelayCore

struct RestoreCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract: "Restore an archive, or some of its tables, into another database.",
    discussion: """
      To return the original database to the state in the archive, use `belay rollback`.

      Example:
        belay restore latest --into SCHEME:copy
        belay restore latest --into staging --table customers
      """)

  @Argument(
    help:
      "The archive's id, a unique beginning of it, `latest` or `oldest` (`latest:TARGET` if the store has several targets).",
    completion: .archive
  ) var id: String
  @Option(
    name: .long, help: ArgumentHelp("A URL, or a name in belay.yaml.", valueName: "target"), completion: .target)
  var into: String
  @Option(
    name: .long, parsing: .singleValue, help: "Restore only this table: [SCHEMA.]TABLE. Can be repeated.",
    completion: .table)
  var table: [String] = []
  @Flag(
    name: .long,
    help: "Restore an archive that this store has not made: what it contains runs with your rights on the server.")
  var trust = false
  @OptionGroup var repository: RepositoryOption
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.resolver(configuration).target(into)
    var request = RestoreRequest(id: session.archive(id))
    request.tables = table
    request.trust = trust
    return try session.run(
      .restore(request), target: chosen, settings: session.settings(configuration, repository))
  }
}
