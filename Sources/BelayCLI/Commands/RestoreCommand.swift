import ArgumentParser
import BelayBase
import BelayCore

struct RestoreCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "restore",
    abstract:
      "Restore an archive, or some of its tables, into another database; or a table from a copy inside its database.",
    discussion: """
      To return the original database to the state in the archive, use `belay rollback`.

      With --from-table: makes a table equal to a copy that `belay snapshot-table` has made. That is a change like those \
      of `belay migrate`: it backs up, rehearses on a copy, asks, and puts everything back if something fails. Rows that \
      are equal already are not touched if the table has a primary key.

      Example:
        belay restore latest --into sqlite:copy.db
        belay restore latest --into staging --table customers
        belay restore latest --into shop --table orders --as orders_before
        belay restore latest --into shop --table orders --where "id BETWEEN 100 AND 200"
        belay restore --from-table _backup_orders_20261120 --into shop
      """)

  @Argument(
    help:
      "The archive's id, a unique beginning of it, `latest` or `oldest` (`latest:TARGET` if the store has several targets).",
    completion: .archive
  ) var id: String?
  @Option(
    name: .long,
    help: ArgumentHelp(
      "A URL, or a name in belay.yaml. With --from-table it can be omitted if belay.yaml has only one target.",
      valueName: "target"), completion: .target)
  var into: String?
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
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Make a table equal to this copy of it, which `belay snapshot-table` has made in the same database.",
      valueName: "copy"))
  var fromTable: String?
  @Flag(name: .long, help: "With --from-table: show what would be done; change nothing.") var plan = false
  @Option(
    name: .long, parsing: .singleValue,
    help:
      "With --from-table: rows of this other table may go or change too, by a cascade or a trigger. Can be repeated.",
    completion: .table)
  var allowLossOf: [String] = []
  @Option(
    name: .long,
    help: ArgumentHelp("With --from-table: use this archive instead of making a backup.", valueName: "id"),
    completion: .archive)
  var backup: String?
  @Flag(
    name: .long,
    help: "Restore an archive that this store has not made: what it contains runs with your rights on the server.")
  var trust = false
  @OptionGroup var keys: KeyOptions
  @OptionGroup var repository: RepositoryOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    try validateFromTable()
    guard newName != nil || filter != nil else {
      if allowLoss, !rowsOnly { throw ValidationError("--allow-loss belongs to --rows-only") }
      return
    }
    let option = newName == nil ? "--where" : "--as"
    guard table.count == 1 else { throw ValidationError("\(option) needs one --table, and \(table.count) are given") }
    if rowsOnly { throw ValidationError("\(option) cannot be combined with --rows-only") }
  }

  private func validateFromTable() throws {
    guard fromTable != nil else {
      if id == nil { throw ValidationError("name the archive, or a copy of a table with --from-table") }
      if into == nil { throw ValidationError("--into says which database the archive goes into") }
      if plan || backup != nil || !allowLossOf.isEmpty {
        throw ValidationError("--plan, --backup and --allow-loss-of belong to --from-table")
      }
      return
    }
    guard id == nil, table.isEmpty, newName == nil, filter == nil, !rowsOnly, !allowLoss, repository.repository == nil
    else {
      throw ValidationError(
        "--from-table restores from a copy inside the database: it takes no archive, and no option that is about one")
    }
  }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.resolver(configuration).target(into)
    if let fromTable {
      var request = TableRestoreRequest(name: fromTable)
      request.plan = plan
      request.allowLoss = allowLossOf
      request.backup = backup.map(session.archive)
      request.trust = trust
      return try session.run(
        .tableRestore(request), target: chosen, settings: keys.settings(configuration, in: session))
    }
    // validate() has seen to it that there is one.
    var request = RestoreRequest(id: session.archive(id ?? "latest"))
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
