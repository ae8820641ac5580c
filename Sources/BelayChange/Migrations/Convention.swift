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

  /// The one that an engine's users usually have, as its driver names it; plain where it names none that belay knows.
  package init(usualOf traits: Traits) { self = Convention(rawValue: traits.convention) ?? .plain }

  package func source(folder: FilePath) -> any MigrationSource {
    switch self {
    case .plain, .wranglerD1: PlainFolder(path: folder)
    }
  }

  /// The ledger that a target has, or gets.
  /// - Parameters:
  ///   - table: the ledger's table from belay.yaml; nil: none is configured.
  ///   - connection: to the target.
  ///   - catalog: the target's, in which a ledger is recognised.
  package func history(
    table: String?, on connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> any AppliedHistory {
    if self == .wranglerD1, let found = WranglerHistory.detect(table: table, in: catalog) { return found }
    return PlainHistory(
      receipts: try PlainHistory(table: table).receipts.placed(on: connection, context: context))
  }
}
