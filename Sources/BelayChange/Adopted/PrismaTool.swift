import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// Prisma: a folder for each migration, `20260131120000_name`, with `migration.sql`, and a table with a checksum of each.
///
/// After its engine's sources, version 6: `schema-engine/commands/src/commands/apply_migrations.rs`,
/// `schema-engine/connectors/schema-connector/src/{checksum,migrations_directory}.rs`,
/// `schema-engine/connectors/sql-schema-connector/src/{sql_migration_persistence.rs,flavour/*}`.
package struct PrismaTool: AdoptedTool {
  package init() {}

  package let convention = ConventionName.prisma
  package let tool = MigrationTool.prisma
  package let defaultTable = "_prisma_migrations"
  package let columns = [
    "id", "checksum", "finished_at", "migration_name", "logs", "rolled_back_at", "started_at",
  ]
  package let orderColumn = "started_at"
  package let readsTransactions = true
  package let setsBeforehand = true
  package let wantsEmptyDatabase = true
  package let baselineCommand = "prisma migrate resolve --applied NAME"
  package let noWayDown: String? = "Prisma has no ways down, and its ledger none to record one"

  package func reason(_ folder: ToolFolder, ledger: CatalogTable?) throws(BelayError) -> String? {
    guard let mark = FolderMark(in: folder.listing), mark.tool == tool else { return nil }
    return mark.reason
  }

  package func read(_ folder: ToolFolder) throws(BelayError) -> ToolContent {
    var content = ToolContent()
    for name in folder.sqlFiles {
      content.skipped.append(SkippedFile(name: name, reason: "is in no folder of its own, and Prisma ignores it"))
    }
    for (name, files) in folder.listing.folders.sorted(by: { $0.key < $1.key }) {
      content.migrations.append(try migration(name, files, folder))
    }
    if folder.listing.files.contains("migration_lock.toml") {
      content.dialect = Self.provider(try folder.file("migration_lock.toml").sql)
    }
    return content
  }

  private func migration(
    _ name: String, _ files: [String], _ folder: ToolFolder
  ) throws(BelayError) -> ToolMigration {
    guard files.contains("migration.sql") else {
      let flaw = BelayError.toolsFile(
        name, tool, "has no migration.sql", hint: "write one, or remove the folder: Prisma refuses it too")
      return ToolMigration(version: name, name: name, up: .failure(flaw))
    }
    let file = try folder.file(name + "/migration.sql")
    let checksums = FileChecksums(file.bytes, by: BelayArchive.sha256)
    let entry = LedgerEntry(.up, version: name, checksum: checksums.own)
    return ToolMigration(
      version: name, name: file.name, up: .success(file.known(as: entry)), checksums: checksums.all)
  }

  private static func provider(_ lock: String) -> String? {
    lock.firstMatch(of: /(?m)^provider\s*=\s*"([^"]*)"/).map { String($0.1) }
  }

  package func draft(
    _ title: MigrationTitle, in folder: ToolFolder, now: Date
  ) throws(BelayError) -> [DraftedFile] {
    let name = NameForm(folder.listing.folders.keys, usual: .seconds).name(title, now: now)
    return [DraftedFile(name + "/migration.sql", "-- \(title.text)\n\n")]
  }

  package func key(of version: String) -> String { version }

  package func precedes(_ a: String, _ b: String) -> Bool { a < b }

  /// A migration may have several rows: one for each attempt.
  package func state(of rows: [LedgerRow], in table: LedgerTable) throws(BelayError) -> LedgerState {
    var state = LedgerState()
    for row in rows where row.isNull("rolled_back_at") {
      let name = row.text("migration_name")
      guard !row.isNull("finished_at") else { throw failed(name, row, table) }
      state.applied.removeAll { $0.version == name }
      state.applied.append(
        LedgerState.Row(
          version: name, checksum: row.text("checksum"), appliedAt: Self.moment(row.text("finished_at"))))
    }
    return state
  }

  private func failed(_ name: String, _ row: LedgerRow, _ table: LedgerTable) -> BelayError {
    let logs = row.text("logs").split(whereSeparator: \.isNewline).map(String.init).filter { !$0.trimmed.isEmpty }
    return BelayError(
      .refused, "Prisma's ledger \(table.name) says that its migration \(name) failed half-way",
      hint:
        "look at what it has done; if you complete it by hand, say so with `prisma migrate resolve --applied \(name)`, "
        + "and if you undo it, with `prisma migrate resolve --rolled-back \(name)`",
      state: "the database is untouched", causes: Array(logs.prefix(3)))
  }

  /// In SQLite it writes milliseconds since 1970.
  private static func moment(_ text: String) -> String {
    guard let milliseconds = Int64(text) else { return text }
    return Moment.iso(Date(timeIntervalSince1970: Double(milliseconds) / 1000))
  }

  package func lockKey(_ table: LedgerTable, database: String) -> Int64? { 72_707_369 }

  package func creation(of table: LedgerTable) -> [String] {
    switch table.engine {
    case .sqlite:
      [
        """
        CREATE TABLE \(table.quoted) (
            "id"                    TEXT PRIMARY KEY NOT NULL,
            "checksum"              TEXT NOT NULL,
            "finished_at"           DATETIME,
            "migration_name"        TEXT NOT NULL,
            "logs"                  TEXT,
            "rolled_back_at"        DATETIME,
            "started_at"            DATETIME NOT NULL DEFAULT current_timestamp,
            "applied_steps_count"   INTEGER UNSIGNED NOT NULL DEFAULT 0
        )
        """
      ]
    case .postgresql:
      [
        """
        CREATE TABLE \(table.quoted) (
            id                      VARCHAR(36) PRIMARY KEY NOT NULL,
            checksum                VARCHAR(64) NOT NULL,
            finished_at             TIMESTAMPTZ,
            migration_name          VARCHAR(255) NOT NULL,
            logs                    TEXT,
            rolled_back_at          TIMESTAMPTZ,
            started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
            applied_steps_count     INTEGER NOT NULL DEFAULT 0
        )
        """
      ]
    }
  }

  package func recording(_ entry: LedgerEntry, milliseconds: Int, in table: LedgerTable) -> [String] {
    let now = Date()
    let began = now.addingTimeInterval(-Double(milliseconds) / 1000)
    func literal(_ moment: Date) -> String {
      let since = Int64((moment.timeIntervalSince1970 * 1000).rounded())
      return table.engine == .sqlite ? String(since) : "to_timestamp(\(since) / 1000.0)"
    }
    let id = UUID().uuidString.lowercased().sqlLiteral
    return [
      """
      INSERT INTO \(table.quoted) (id, checksum, started_at, migration_name, finished_at, applied_steps_count) VALUES \
      (\(id), \(entry.checksum.sqlLiteral), \(literal(began)), \(entry.version.sqlLiteral), \(literal(now)), 1)
      """
    ]
  }
}
