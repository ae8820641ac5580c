import BelayBase
import BelayDatabase
import BelayDrivers

/// Diesel: a folder for each migration, `2026-01-31-120000_name`, with `up.sql` and `down.sql`, and a table of versions.
///
/// After its sources, version 2: `diesel_migrations/src/*`, `diesel_migrations/migrations_internals/src/lib.rs`,
/// `diesel/src/migration/*`.
package struct DieselTool: AdoptedTool {
  package init() {}

  package let convention = ConventionName.diesel
  package let tool = MigrationTool.diesel
  package let defaultTable = "__diesel_schema_migrations"
  package let columns = ["version", "run_on"]
  package let orderColumn = "version"

  package func reason(_ folder: ToolFolder, ledger: CatalogTable?) throws(BelayError) -> String? {
    let names = folder.listing.folders.filter { $0.value.contains("up.sql") }.keys.sorted()
    guard let first = names.first else { return nil }
    // Hasura has such folders too, with plain numbers in front.
    if let name = names.first(where: { $0.firstMatch(of: /^[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]+_/) != nil }) {
      return "\(name)/up.sql is named as Diesel names files"
    }
    return ledger.map { "it contains \(first)/up.sql, and the ledger \($0.name) is Diesel's" }
  }

  package func read(_ folder: ToolFolder) throws(BelayError) -> ToolContent {
    var content = ToolContent()
    for name in folder.sqlFiles {
      content.skipped.append(SkippedFile(name: name, reason: "is in no folder of its own, and Diesel ignores it"))
    }
    for (name, files) in folder.listing.folders where !files.isEmpty {
      guard files.contains("up.sql") else {
        throw BelayError.toolsFile(
          name, tool, "has no up.sql", hint: "write one, or move it elsewhere: Diesel refuses the whole folder")
      }
      content.migrations.append(try migration(name, files, folder))
    }
    content.migrations.sort { precedes($0.version, $1.version) }
    return content
  }

  private func migration(
    _ name: String, _ files: [String], _ folder: ToolFolder
  ) throws(BelayError) -> ToolMigration {
    let version = String(name.prefix { $0 != "_" }).replacing("-", with: "")
    let isTransactional =
      files.contains("metadata.toml")
      ? Self.isTransactional(try folder.file(name + "/metadata.toml").sql) : true
    func ready(_ file: String, _ way: LedgerEntry.Way) throws(BelayError) -> MigrationFile {
      let file = try folder.file(name + "/" + file).known(as: LedgerEntry(way, version: version))
      return isTransactional ? file : file.withoutTransaction()
    }
    var migration = ToolMigration(
      version: version, name: name + "/up.sql", up: .success(try ready("up.sql", .up)))
    if files.contains("down.sql") { migration.down = .success(try ready("down.sql", .down)) }
    return migration
  }

  /// A file that does not say so says no.
  private static func isTransactional(_ metadata: String) -> Bool {
    metadata.firstMatch(of: /(?m)^\s*run_in_transaction\s*=\s*true\s*(?:#.*)?$/) != nil
  }

  package func key(of version: String) -> String { version }

  package func precedes(_ a: String, _ b: String) -> Bool { a < b }

  package func state(of rows: [LedgerRow], in table: LedgerTable) throws(BelayError) -> LedgerState {
    var state = LedgerState()
    state.applied = rows.map { LedgerState.Row(version: $0.text("version"), appliedAt: $0.text("run_on")) }
    return state
  }

  package func creation(of table: LedgerTable) -> [String] {
    [
      """
      CREATE TABLE \(table.quoted) (
             version VARCHAR(50) PRIMARY KEY NOT NULL,
             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
      )
      """
    ]
  }

  package func recording(_ entry: LedgerEntry, milliseconds: Int, in table: LedgerTable) -> [String] {
    let version = entry.version.sqlLiteral
    switch entry.way {
    case .up: return ["INSERT INTO \(table.quoted) (version) VALUES (\(version))"]
    case .down: return ["DELETE FROM \(table.quoted) WHERE version = \(version)"]
    }
  }
}
