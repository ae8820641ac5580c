import ArgumentParser
import BelayBase
import BelayCore

struct SnapshotTableCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "snapshot-table",
    abstract: "Copy tables inside their database, for a quick way back.",
    discussion: """
      Makes the table _backup_TABLE_YYYYMMDD in the schema of the table, with all its rows and without indexes, constraints \
      and triggers, and compares the two. Several tables are copied at one instant. The table belay_table_copies in the \
      database records each copy. Put the rows back with `belay restore --from-table`.

      A copy inside the database is lost with the database: it replaces no `belay backup`. Needs an engine that makes \
      tables in transactions. The copies are dropped by --drop, or by --prune when their time is over; neither drops \
      anything without --confirm, or a table that somebody has changed.

      Example:
        belay snapshot-table shop --table orders --table customers
        belay snapshot-table shop --list
        belay snapshot-table shop --drop _backup_orders_20261120 --confirm
        belay snapshot-table shop --prune --confirm
        belay restore --from-table _backup_orders_20261120 --into shop
      """)

  @OptionGroup var target: TargetArgument
  @Option(
    name: .long, parsing: .singleValue,
    help: "Copy this table: [SCHEMA.]TABLE, with * and ? for any text or character. Can be repeated.",
    completion: .table)
  var table: [String] = []
  @Option(
    name: .long,
    help: ArgumentHelp(
      "How long --prune keeps the copies: 2y5m7d3h (m: months), or `unlimited`. Default: 30d.", valueName: "span"))
  var keepFor: String?
  @Flag(name: .long, help: "List the copies in the database.") var list = false
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("Drop this copy, if it is as it was made. Can be repeated.", valueName: "copy"))
  var drop: [String] = []
  @Flag(name: .long, help: "Drop the copies whose time is over.") var prune = false
  @Flag(name: .long, help: "With --drop and --prune: do it. Else they only show what they would drop.")
  var confirm = false
  @OptionGroup var global: GlobalOptions

  private static let usualSpan = CalendarSpan(days: 30)

  func validate() throws {
    let actions = [!table.isEmpty, list, !drop.isEmpty, prune].count { $0 }
    guard actions == 1 else {
      throw ValidationError("name what is to be done: one of --table, --list, --drop and --prune")
    }
    if confirm, drop.isEmpty, !prune { throw ValidationError("--confirm belongs to --drop and --prune") }
    if keepFor != nil, table.isEmpty { throw ValidationError("--keep-for belongs to --table") }
    _ = try span()
  }

  /// nil: unlimited.
  private func span() throws -> CalendarSpan? {
    guard let keepFor else { return Self.usualSpan }
    if keepFor == "unlimited" { return nil }
    // Later there is no date that everybody can read.
    guard let span = CalendarSpan(keepFor), !span.isZero, span.years <= 1000, span.months <= 12_000 else {
      throw ValidationError(
        "--keep-for is `\(keepFor)`, which is neither a span of time, such as 30d or 1y6m (years, months, days, hours), "
          + "nor `unlimited`")
    }
    return span
  }

  private var action: TableCopiesRequest.Action {
    if list { return .list }
    if prune { return .prune(confirmed: confirm) }
    if !drop.isEmpty { return .drop(names: drop, confirmed: confirm) }
    // What it throws, validate() has thrown.
    return .make(tables: table, keepFor: (try? span()) ?? nil)
  }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.resolver(configuration).target(target.target)
    return try session.run(
      .tableCopies(TableCopiesRequest(action)), target: chosen, settings: session.settings(configuration))
  }
}
