import BelayBase
import BelayDatabase
import BelayDrivers

/// The table in which another migration tool records what it has applied.
package struct ToolLedger: Sendable {
  /// How its rows name a migration.
  package enum Key: Sendable {
    /// By the number that the file's name begins with.
    case version(String)
    /// By the highest number applied, in its only row.
    case highest(String)
    /// By the file's name, with or without folder and ending; or by the SHA-256 of its text.
    case values([String])
    /// In a way that says nothing of SQL files.
    case none
  }

  package let tool: MigrationTool
  /// In small letters.
  let table: String
  /// Nil: whatever schema.
  var schema: String?
  /// Columns that it has, in small letters: other tools have tables of the same name.
  let columns: Set<String>
  package let key: Key
  /// A row counts where this column is true.
  var flag: String?

  private static func ledger(
    _ tool: MigrationTool, _ table: String, _ columns: Set<String>, _ key: Key, schema: String? = nil,
    flag: String? = nil
  ) -> ToolLedger {
    ToolLedger(tool: tool, table: table, schema: schema, columns: columns, key: key, flag: flag)
  }

  /// The first that fits is the one.
  package static let known: [ToolLedger] = [
    ledger(.goose, "goose_db_version", ["version_id", "is_applied"], .version("version_id"), flag: "is_applied"),
    ledger(
      MigrationTool("Micrate", command: "micrate up"), "micrate_db_version", ["version_id", "is_applied"],
      .version("version_id"), flag: "is_applied"),
    ledger(.flyway, "flyway_schema_history", ["version", "script", "success"], .values(["script"]), flag: "success"),
    ledger(.flyway, "schema_version", ["version", "script", "success"], .values(["script"]), flag: "success"),
    ledger(.golangMigrate, "schema_migrations", ["version", "dirty"], .highest("version")),
    ledger(
      MigrationTool("Supabase", command: "supabase db push"), "schema_migrations", ["version", "statements"],
      .version("version")),
    ledger(
      MigrationTool("Ecto", command: "mix ecto.migrate"), "schema_migrations", ["version", "inserted_at"],
      .version("version")),
    ledger(MigrationTool("dbmate or Rails"), "schema_migrations", ["version"], .version("version")),
    ledger(.prisma, "_prisma_migrations", ["migration_name", "checksum"], .values(["migration_name", "checksum"])),
    ledger(.drizzle, "__drizzle_migrations", ["hash", "created_at"], .values(["hash"])),
    ledger(.sqlx, "_sqlx_migrations", ["version", "checksum"], .version("version"), flag: "success"),
    ledger(.diesel, "__diesel_schema_migrations", ["version"], .version("version")),
    ledger(.atlas, "atlas_schema_revisions", ["version", "applied"], .version("version")),
    ledger(.wrangler, "d1_migrations", ["name", "applied_at"], .values(["name"])),
    ledger(.alembic, "alembic_version", ["version_num"], .none),
    ledger(.entityFramework, "__efmigrationshistory", ["migrationid"], .values(["migrationid"])),
    ledger(.liquibase, "databasechangelog", ["id", "author", "filename"], .values(["filename"])),
    ledger(.sqitch, "changes", ["change_id", "change", "script_hash"], .values(["change"]), schema: "sqitch"),
    ledger(.django, "django_migrations", ["app", "name"], .values(["name"])),
    ledger(
      MigrationTool("refinery"), "refinery_schema_history", ["version", "checksum"], .version("version")),
    ledger(MigrationTool("Phinx", command: "phinx migrate"), "phinxlog", ["version"], .version("version")),
    ledger(MigrationTool("Doctrine"), "doctrine_migration_versions", ["version"], .none),
    ledger(MigrationTool("Play evolutions"), "play_evolutions", ["id", "apply_script"], .version("id")),
    ledger(MigrationTool("MyBatis Migrations"), "changelog", ["id", "applied_at", "description"], .version("id")),
    ledger(MigrationTool("FluentMigrator"), "versioninfo", ["version", "appliedon"], .version("version")),
    ledger(MigrationTool("TypeORM"), "migrations", ["timestamp", "name"], .version("timestamp")),
    ledger(MigrationTool("tern", command: "tern migrate"), "schema_version", ["version"], .highest("version")),
  ]

  /// Tools beyond those keep tables of such names, with the names of files in them.
  private static let words = [
    "migration", "schema_version", "schemaversion", "schema_history", "pgroll", "sequelizemeta",
  ]

  /// The ledgers in a database, other than belay's own.
  /// - Parameter own: tables that belay keeps account in.
  package static func found(in catalog: Catalog, except own: Set<String>) -> [(ledger: ToolLedger, table: CatalogTable)]
  {
    let own = Set(own.map { $0.lowercased() })
    return catalog.tables.compactMap { table in
      let name = table.name.lowercased()
      guard table.hasRows, !own.contains(name), !own.contains(where: { name.hasPrefix($0 + "_lock") }) else {
        return nil
      }
      if let ledger = known.first(where: { $0.fits(table) }) { return (ledger, table) }
      guard words.contains(where: name.contains) else { return nil }
      let texts = table.storedColumns.filter { !$0.flags.contains(.implicit) }.map(\.name)
      return (ledger(.unknown, name, [], .values(texts)), table)
    }
  }

  private func fits(_ table: CatalogTable) -> Bool {
    table.name.lowercased() == self.table && (schema == nil || schema == table.schema.lowercased())
      && columns.isSubset(of: table.columns.map { $0.name.lowercased() })
  }
}
