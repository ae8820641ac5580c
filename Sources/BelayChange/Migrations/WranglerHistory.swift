import BelayBase
import BelayDatabase
import BelayDrivers

/// wrangler's ledger, `d1_migrations`, in wrangler's own shape: `id`, `name`, `applied_at`. It says what is applied, so
/// that wrangler and belay see the same. Receipts in belay's own table hold what it has no columns for.
package struct WranglerHistory: AppliedHistory {
  static let defaultTable = "d1_migrations"

  let table: String
  /// What belay's own table says is applied counts too: it may be older than wrangler's.
  var countsReceipts = false
  package let receipts = Receipts(table: Receipts.defaultTable)

  /// - Parameter table: the ledger's name from belay.yaml, which wrangler lets its users choose too; nil: `d1_migrations`.
  /// - Returns: nil where the configured table is of another shape, or is not there and has another name.
  package static func detect(table: String?, in catalog: Catalog) -> WranglerHistory? {
    guard let table, table != defaultTable else { return WranglerHistory(table: defaultTable) }
    guard let found = catalog.tables.first(where: { $0.name == table }) else { return nil }
    let columns = Set(found.columns.map(\.name))
    guard columns.isSuperset(of: ["name", "applied_at"]), !columns.contains("run_id") else { return nil }
    return WranglerHistory(table: table)
  }

  /// For a database of another driver's: the local copy that wrangler keeps of one. It has wrangler's table, or tables of
  /// the runtime that wrangler starts.
  package static func ofLocalDatabase(table: String?, in catalog: Catalog) -> WranglerHistory? {
    let name = table ?? defaultTable
    let isRuntimes = catalog.objects.contains { $0.name.hasPrefix("_cf_") && $0.flags.contains(.internal) }
    guard isRuntimes || catalog.tables.contains(where: { $0.name == name && isWranglers($0) }) else { return nil }
    var history = detect(table: table, in: catalog)
    history?.countsReceipts = true
    return history
  }

  private static func isWranglers(_ table: CatalogTable) -> Bool {
    let columns = Set(table.columns.map(\.name))
    return columns.isSuperset(of: ["id", "name", "applied_at"]) && !columns.contains("run_id")
  }

  package var shapes: [String: [String]] { [table: ["name", "applied_at"], receipts.table: Receipts.columns] }
  package var sharesFiles: Bool { true }

  package func applied(
    _ connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> [AppliedMigration] {
    let own = receipts.exists(in: catalog) ? try receipts.rows(connection, context: context) : []
    let known = Dictionary(own.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    var applied: [AppliedMigration] = []
    if catalog.objects.contains(where: { $0.kind == "table" && $0.name == table }) {
      applied = try connection.texts(["name", "applied_at"], of: table, context: context).map { text in
        known[text[0]].map(AppliedMigration.init)
          ?? AppliedMigration(name: text[0], sha256: "", appliedAt: text[1], run: "")
      }
    }
    if countsReceipts {
      let names = Set(applied.map(\.name))
      applied += own.filter { !names.contains($0.name) }.map(AppliedMigration.init)
    }
    return applied.sorted { MigrationFile.precedes($0.name, $1.name) }
  }

  /// The first statement is wrangler's own.
  package func makers(_ traits: Traits, in catalog: Catalog) -> [String] {
    let wranglers =
      "CREATE TABLE IF NOT EXISTS \(traits.quoted(table))(id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE,"
      + " applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)"
    return [wranglers, receipts.maker(traits, in: catalog)].compactMap(\.self)
  }

  package func recording(_ file: MigrationFile, run: String, milliseconds: Int, _ traits: Traits) -> [String] {
    let name = file.name.sqlLiteral
    return [
      // Whoever took the file out of wrangler's ledger to have it applied again need not know of belay's.
      receipts.statements(traits).deletion(of: file.name),
      "INSERT INTO \(traits.quoted(table)) (\(traits.quoted("name"))) VALUES (\(name))",
      receipts.recording(file.name, sha256: file.sha256, run: run, milliseconds: milliseconds, traits),
    ]
  }
}
