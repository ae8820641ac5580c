import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRows
import Crypto
import Foundation

/// SQLx: `N_name.sql`, or `N_name.up.sql` and `N_name.down.sql`, and a table with a checksum of each file.
///
/// After its sources, version 0.8: `sqlx-core/src/migrate/*`, `sqlx-postgres/src/migrate.rs`, `sqlx-sqlite/src/migrate.rs`.
package struct SqlxTool: AdoptedTool {
  package init() {}

  package let convention = ConventionName.sqlx
  package let tool = MigrationTool.sqlx
  package let defaultTable = "_sqlx_migrations"
  package let columns = ["version", "description", "installed_on", "success", "checksum"]
  package let orderColumn = "version"
  package let missing = MissingRule.refuses

  package func reason(_ folder: ToolFolder, ledger: CatalogTable?) throws(BelayError) -> String? {
    guard let ledger, fits(columns: ledger.lowercasedColumns),
      let name = folder.sqlFiles.first(where: { SqlxName($0) != nil })
    else { return nil }
    return "\(name) is named as SQLx names files, and the ledger \(ledger.name) is SQLx's"
  }

  package func read(_ folder: ToolFolder) throws(BelayError) -> ToolContent {
    var content = ToolContent()
    var names: [SqlxName] = []
    for name in folder.sqlFiles {
      guard name.contains("_") else {
        content.skipped.append(SkippedFile(name: name, reason: "is not named N_name.sql, and SQLx ignores it"))
        continue
      }
      guard let parsed = SqlxName(name) else {
        throw BelayError.toolsFile(
          name, tool, "has no number before its first `_`",
          hint: "rename it, e.g. to 1_\(name), or move it elsewhere: SQLx refuses the whole folder")
      }
      names.append(parsed)
    }
    let ups = names.filter { !$0.isDown }
    for down in names where down.isDown && !ups.contains(where: { $0.version == down.version }) {
      content.skipped.append(SkippedFile(name: down.name, reason: "has no .up.sql beside it"))
    }
    for up in ups.sorted(by: { precedes($0.version, $1.version) }) {
      let file = try folder.file(up.name)
      let checksums = FileChecksums(file.bytes, by: Self.checksum)
      let entry = LedgerEntry(
        .up, version: up.version, description: up.description, checksum: checksums.own)
      var migration = ToolMigration(
        version: up.version, name: up.name, up: .success(Self.ready(file, entry)), checksums: checksums.all)
      if let down = names.first(where: { $0.isDown && $0.version == up.version }) {
        migration.down = .success(
          Self.ready(try folder.file(down.name), LedgerEntry(.down, version: up.version)))
      }
      content.migrations.append(migration)
    }
    return content
  }

  /// A file opts out by its very first bytes.
  private static func ready(_ file: MigrationFile, _ entry: LedgerEntry) -> MigrationFile {
    let file = file.known(as: entry)
    return file.bytes.starts(with: Array("-- no-transaction".utf8)) ? file.withoutTransaction() : file
  }

  private static func checksum(_ bytes: [UInt8]) -> String { Hex.text(SHA384.hash(data: bytes)) }

  package func key(of version: String) -> String { NumberedVersions.number(version) ?? version }

  package func precedes(_ a: String, _ b: String) -> Bool { NumberedVersions.precedes(a, b) }

  package func state(of rows: [LedgerRow], in table: LedgerTable) throws(BelayError) -> LedgerState {
    if let failed = rows.first(where: { !$0.isTrue("success") }) {
      throw BelayError(
        .refused, "SQLx's ledger \(table.name) says that its migration \(failed.text("version")) failed half-way",
        hint: "look at what it has done, complete or undo it by hand, then set its success to true, or delete its row",
        state: "the database is untouched")
    }
    var state = LedgerState()
    state.applied = rows.map { row in
      LedgerState.Row(
        version: row.text("version"), description: row.text("description"), checksum: row.text("checksum"),
        appliedAt: row.text("installed_on"))
    }
    return state
  }

  package func lockKey(_ table: LedgerTable, database: String) -> Int64? {
    ToolLockKey.sqlx(database: database)
  }

  package func creation(of table: LedgerTable) -> [String] {
    let (moment, bytes) =
      switch table.engine {
      case .sqlite: ("TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP", "BLOB")
      case .postgresql: ("TIMESTAMPTZ NOT NULL DEFAULT now()", "BYTEA")
      }
    return [
      """
      CREATE TABLE \(table.quoted) (
      version BIGINT PRIMARY KEY,
      description TEXT NOT NULL,
      installed_on \(moment),
      success BOOLEAN NOT NULL,
      checksum \(bytes) NOT NULL,
      execution_time BIGINT NOT NULL
      )
      """
    ]
  }

  package func recording(_ entry: LedgerEntry, milliseconds: Int, in table: LedgerTable) -> [String] {
    guard entry.way == .up else { return ["DELETE FROM \(table.quoted) WHERE version = \(entry.version)"] }
    let nanoseconds = milliseconds * 1_000_000
    return [
      "INSERT INTO \(table.quoted) (version, description, success, checksum, execution_time) VALUES ("
        + "\(entry.version), \(entry.description.sqlLiteral), TRUE, \(table.engine.blob(hex: entry.checksum)), "
        + "\(nanoseconds))"
    ]
  }
}

/// `7_add_posts.sql`, `7_add_posts.up.sql`, `7_add_posts.down.sql`: version 7, "add posts".
struct SqlxName {
  let name: String
  /// Without zeros before it.
  let version: String
  let description: String
  let isDown: Bool

  /// nil: the name is another one.
  init?(_ name: String) {
    guard let end = name.firstIndex(of: "_"), name.hasSuffix(".sql"),
      let version = NumberedVersions.number(name[..<end]), Int64(version) != nil
    else { return nil }
    var rest = String(name[name.index(after: end)...])
    let suffix = [".up.sql", ".down.sql"].first { rest.hasSuffix($0) } ?? ".sql"
    while rest.hasSuffix(suffix) { rest.removeLast(suffix.count) }
    self.name = name
    self.version = version
    description = rest.replacing("_", with: " ")
    isDown = suffix == ".down.sql"
  }
}
