import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// What the ledgers of migration tools in a database say, to be compared with what they say after a command.
struct LedgerEntries: Sendable {
  private struct Ledger: Sendable {
    let title: String
    let entries: [String]
  }

  private var ledgers: [TableName: Ledger] = [:]

  /// Of the tools that belay knows by name.
  static func tables(in catalog: Catalog) -> Set<TableName> {
    Set(ledgers(in: catalog).map { $0.table.tableName })
  }

  private static func ledgers(in catalog: Catalog) -> [(ledger: ToolLedger, table: CatalogTable)] {
    ToolLedger.found(in: catalog, except: [Connection.lockTable, Receipts.defaultTable])
      .filter { $0.ledger.tool != .unknown }
  }

  /// More than any folder has.
  private static let mostRows = 20_000

  init(on connection: Connection, context: RunContext) throws(BelayError) {
    do {
      let catalog = try connection.catalog(operation: context.stoppable())
      for (ledger, table) in Self.ledgers(in: catalog) {
        let columns = Self.columns(of: ledger, in: table).map(connection.traits.quoted).joined(separator: ", ")
        let from = connection.traits.quoted(schema: table.schema, name: table.name)
        let rows = try connection.values(
          "SELECT \(columns) FROM \(from) LIMIT \(Self.mostRows)", operation: context.stoppable())
        ledgers[table.tableName] = Ledger(
          title: "\(ledger.tool.name) (\(table.tableName))",
          entries: rows.map { $0.map(\.asText).filter { !$0.isEmpty }.joined(separator: " ") })
      }
    } catch {
      if error.code == .cancelled { throw context.interruption() }
      throw BelayError(error, doing: "cannot read the ledger of a migration tool", kind: .failed)
    }
  }

  /// Those that name a migration to a person.
  private static func columns(of ledger: ToolLedger, in table: CatalogTable) -> [String] {
    let names: [String] =
      switch ledger.key {
      case .version(let column), .highest(let column): [column]
      case .values(let columns): [columns[0]]
      case .none: ledger.columns.sorted()
      }
    // Django's names are of an app.
    let app = ledger.columns.contains("app") && !names.contains("app") ? ["app"] : []
    let wanted = app + names
    return wanted.compactMap { name in table.columns.first { $0.name.lowercased() == name }?.name }
  }

  /// "Alembic (alembic_version): + 2b1ae634e5cd". Empty: they say the same.
  func lines(since earlier: LedgerEntries) -> [String] {
    ledgers.sorted { $0.value.title < $1.value.title }.flatMap { table, now in
      let was = earlier.ledgers[table]?.entries ?? []
      let added = now.entries.filter { !was.contains($0) }.map { "\(now.title): + \($0)" }
      return added + was.filter { !now.entries.contains($0) }.map { "\(now.title): - \($0)" }
    } + earlier.ledgers.filter { ledgers[$0.key] == nil }.map { "\($0.value.title): is gone" }.sorted()
  }
}
