import BelayBase
import BelayDatabase
import BelayDrivers

/// The migrations that a database is said to have whose ledger is lost: all of its folder up to a version.
struct LostLedger {
  let history: any AppliedHistory
  /// In their order.
  let files: [MigrationFile]
  /// Files that run again whenever their text changes.
  let repeated: [MigrationFile]
  let rules: FileReading.Rules
  /// The tool's own; nil: it has none.
  let lock: ToolLock?

  /// - Throws: where the ledger is not lost, and where there is no such version.
  init(_ version: String, on connection: Connection, catalog: Catalog, context: RunContext) throws(BelayError) {
    let settings = context.settings.migrations
    if let adopted = try AdoptedFolder.find(settings.folder, on: connection, catalog: catalog, context: context) {
      let account = try adopted.account(MigrateRequest(), on: connection, catalog: catalog, context: context)
      try Self.refuse(account.state.applied.count + account.state.repeated.count, adopted.history.table.name)
      history = adopted.history
      rules = adopted.rules
      lock = try adopted.lock(on: connection, context: context)
      (files, repeated) = try account.baseline(version)
      return
    }
    let convention = Convention(settings.convention, usualOf: connection.traits)
    history = try convention.history(table: settings.ledger, on: connection, catalog: catalog, context: context)
    let table = history.tables.subtracting([history.receipts.table]).min() ?? history.receipts.table
    try Self.refuse(try history.applied(connection, catalog: catalog, context: context).count, table)
    var request = MigrateRequest()
    request.to = version
    let elsewhere = try LedgersElsewhere(
      than: history.tables, catalog: catalog, connection: connection, context: context)
    files = try PendingMigrations(
      source: convention.source(folder: settings.folder), request: request, elsewhere: elsewhere
    ).find(applied: [], sharesFiles: history.sharesFiles).files
    (repeated, rules, lock) = ([], FileReading.Rules(), nil)
  }

  private static func refuse(_ count: Int, _ table: String) throws(BelayError) {
    guard count > 0 else { return }
    throw BelayError(
      .refused, "the ledger \(table) is not lost: it has \(Counted.text(count, "migration"))",
      hint: "see them with `belay status TARGET`; `belay migrate` applies what is pending",
      state: "the database is untouched")
  }

  /// Tables that are no part of what the files make.
  func ownTables(_ catalog: Catalog) -> Set<String> {
    let others = ToolLedger.found(in: catalog, except: history.tables).map(\.table.name)
    return history.tables.union(others).union([Connection.lockTable])
  }
}
