import BelayBase
import BelayDatabase
import BelayDrivers

/// belay's own ledger, `belay_migrations`: the receipts are all there is.
package struct PlainHistory: AppliedHistory {
  package let receipts: Receipts

  package init(receipts: Receipts) { self.receipts = receipts }

  /// - Parameter table: nil: `belay_migrations`.
  package init(table: String?) { self.init(receipts: Receipts(table: table ?? Receipts.defaultTable)) }

  package var shapes: [String: [String]] { [receipts.table: Receipts.columns] }

  package func applied(
    _ connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> [AppliedMigration] {
    guard receipts.exists(in: catalog) else { return [] }
    return try receipts.rows(connection, context: context).map(AppliedMigration.init)
      .sorted { MigrationFile.precedes($0.name, $1.name) }
  }

  package func makers(_ traits: Traits, in catalog: Catalog) -> [String] {
    [receipts.maker(traits, in: catalog)].compactMap(\.self)
  }

  package func record(
    _ file: MigrationFile, run: String, milliseconds: Int, on connection: Connection, inTransaction: Bool,
    context: RunContext
  ) throws(DriverError) {
    try receipts.record(
      file.name, sha256: file.sha256, run: run, milliseconds: milliseconds, on: connection, context: context)
  }

  package func recording(_ file: MigrationFile, run: String, milliseconds: Int, _ traits: Traits) -> [String] {
    [receipts.recording(file.name, sha256: file.sha256, run: run, milliseconds: milliseconds, traits)]
  }
}
