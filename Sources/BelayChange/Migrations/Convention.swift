import BelayBase
import BelayDatabase
import BelayDrivers
import SystemPackage

/// How a migration tool names its files and keeps its ledger: a `MigrationSource` and an `AppliedHistory`.
package enum Convention: String, Sendable, CaseIterable {
  /// belay's own: `*.sql` in order of name, and the table `belay_migrations`.
  case plain
  /// wrangler's for D1: the same files, and the table `d1_migrations`.
  case wranglerD1 = "wrangler-d1"

  /// - Parameter chosen: nil, or another tool's: the one that an engine's users usually have, as its driver names it; plain
  ///   where it names none that belay knows.
  package init(_ chosen: ConventionName?, usualOf traits: Traits) {
    self = chosen.flatMap { Convention(rawValue: $0.rawValue) } ?? Convention(rawValue: traits.convention) ?? .plain
  }

  /// - Parameter start: what the path of a file that a person names starts from; nil: the current folder.
  package func source(folder: FilePath, start: FilePath? = nil) -> any MigrationSource {
    switch self {
    case .plain, .wranglerD1: PlainFolder(path: folder, start: start)
    }
  }

  /// The ledger that a target has, or gets.
  /// - Parameters:
  ///   - table: the ledger's table from belay.yaml; nil: none is configured.
  ///   - connection: to the target.
  ///   - catalog: the target's, in which a ledger is recognised.
  /// - Throws: `.refused` where the table is another one than a ledger that belay can keep.
  package func history(
    table: String?, on connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> any AppliedHistory {
    let wranglers =
      switch self {
      case .plain: WranglerHistory.ofLocalDatabase(table: table, in: catalog)
      case .wranglerD1: WranglerHistory.detect(table: table, in: catalog)
      }
    let history: any AppliedHistory
    if let wranglers {
      history = wranglers
    } else {
      history = PlainHistory(
        receipts: try PlainHistory(table: table).receipts.placed(on: connection, context: context))
    }
    try history.checkShape(in: catalog)
    return history
  }
}
