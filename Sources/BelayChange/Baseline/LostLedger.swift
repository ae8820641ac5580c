import BelayBase
import BelayDatabase
import BelayDrivers

/// The migrations that a database is said to have whose ledger is lost: all of its folder up to a version.
struct LostLedger {
  let folder: FolderUpTo
  /// The tool's own; nil: it has none.
  let lock: ToolLock?

  /// - Throws: where the ledger is not lost, and where there is no such version.
  init(_ version: String, on connection: Connection, catalog: Catalog, context: RunContext) throws(BelayError) {
    folder = try FolderUpTo(version, option: "--baseline", on: connection, catalog: catalog, context: context)
    let history = folder.history
    if let adopted = folder.adopted {
      let account = try adopted.account(MigrateRequest(), on: connection, catalog: catalog, context: context)
      try Self.refuse(account.state.applied.count + account.state.repeated.count, adopted.history.table.name)
      guard adopted.tool.makesLedger || adopted.history.table.isIn(catalog) else {
        throw BelayError(
          .refused,
          "the ledger \(adopted.history.table.name) is not there, and only \(adopted.tool.tool.name) makes it",
          hint: "say to the tool what is applied, e.g. with `sqitch deploy --log-only --to CHANGE`",
          state: "the database is untouched")
      }
      lock = try adopted.lock(on: connection, context: context)
      return
    }
    let table = history.tables.subtracting([history.receipts.table]).min() ?? history.receipts.table
    try Self.refuse(try history.applied(connection, catalog: catalog, context: context).count, table)
    let elsewhere = try LedgersElsewhere(
      than: history.tables, catalog: catalog, connection: connection, context: context)
    _ = try elsewhere.check(folder.files, isFirst: true, areNamed: false)
    lock = nil
  }

  private static func refuse(_ count: Int, _ table: String) throws(BelayError) {
    guard count > 0 else { return }
    throw BelayError(
      .refused, "the ledger \(table) is not lost: it has \(Counted.text(count, "migration"))",
      hint: "see them with `belay status TARGET`; `belay migrate` applies what is pending",
      state: "the database is untouched")
  }
}
