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
        belay restore latest --into sqlite:copy.db
        belay restore latest --into staging --table customers
        belay restore latest --into shop --table orders --as orders_before
        belay restore latest --into shop --table orders --where "id BETWEEN 100 AND 200"
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
  @Option(
    name: .customLong("as"),
    help: ArgumentHelp(
      "Restore the rows of the table into a new one of this name, with its columns and primary key.",
      valueName: "[schema.]name"))
  var newName: String?
  @Option(
    name: .customLong("where"),
    help: ArgumentHelp(
      "Restore only rows that satisfy this SQL condition. The table may have others.", valueName: "sql"))
  var filter: String?
  @Flag(
    name: .long,
    help: "Restore only rows, into tables that exist and are empty, of any engine. Columns go by their names.")
  var rowsOnly = false
  @Flag(name: .long, help: "With --rows-only: leave out what the tables have no place for.")
  var allowLoss = false
  @Flag(
    name: .long,
    help: "Restore an archive that this store has not made: what it contains runs with your rights on the server.")
  var trust = false
  @OptionGroup var keys: KeyOptions
  @OptionGroup var repository: RepositoryOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard newName != nil || filter != nil else {
      if allowLoss, !rowsOnly { throw ValidationError("--allow-loss belongs to --rows-only") }
      return
    }
    let option = newName == nil ? "--where" : "--as"
    guard table.count == 1 else { throw ValidationError("\(option) needs one --table, and \(table.count) are given") }
    if rowsOnly { throw ValidationError("\(option) cannot be combined with --rows-only") }
  }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.resolver(configuration).target(into)
    var request = RestoreRequest(id: session.archive(id))
    request.tables = table
    request.newName = newName
    request.filter = filter
    request.rowsOnly = rowsOnly
    request.allowLoss = allowLoss
    request.trust = trust
    var settings = try session.settings(configuration, repository)
    keys.apply(to: &settings, in: session)
    return try session.run(
      .restore(request), target: chosen, settings: settings)
  }
}
