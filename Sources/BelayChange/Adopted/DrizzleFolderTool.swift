import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// Drizzle 1.0: a folder for each migration, `20260131120000_name`, with `migration.sql` and `snapshot.json`, and a table
/// of their names.
///
/// After its sources, version 1.0.0-rc.4: `drizzle-orm/src/migrator.ts`, `drizzle-orm/src/migrator.utils.ts`,
/// `drizzle-orm/src/{pg,sqlite}-core/async/session.ts`.
package struct DrizzleFolderTool: AdoptedTool {
  package init() {}

  package let convention = ConventionName.drizzle
  package let tool = MigrationTool.drizzle
  package let defaultTable = "__drizzle_migrations"
  package let columns = ["hash", "created_at", "name", "applied_at"]
  package let orderColumn = "created_at"
  package let noWayDown: String? = "Drizzle has no ways down"
  package let otherShapeHint: String? =
    "the ledger is of Drizzle 0.x: Drizzle 1.0 brings it up to date when it migrates, e.g. "
    + "`belay guard TARGET -- npx drizzle-kit migrate`"

  package func schema(_ engine: LedgerEngine) -> String? { engine == .postgresql ? "drizzle" : nil }

  package func reason(_ folder: ToolFolder, ledger: CatalogTable?) throws(BelayError) -> String? {
    guard !folder.hasJournal, let mark = FolderMark(in: folder.listing), mark.tool == tool else { return nil }
    return mark.reason
  }

  package func read(_ folder: ToolFolder) throws(BelayError) -> ToolContent {
    var content = ToolContent()
    for name in folder.sqlFiles {
      content.skipped.append(SkippedFile(name: name, reason: "is in no folder of its own, and Drizzle ignores it"))
    }
    for (name, files) in folder.listing.folders.sorted(by: { $0.key < $1.key }) {
      guard files.contains("migration.sql") else {
        content.skipped.append(SkippedFile(name: name + "/", reason: "has no migration.sql, and Drizzle ignores it"))
        continue
      }
      guard let moment = Self.milliseconds(name) else {
        throw BelayError.toolsFile(
          name, tool, "does not begin with a moment, such as 20260131120000_",
          hint: "rename it, or move it elsewhere: Drizzle would write no moment for it into the ledger")
      }
      let file = try folder.file(name + "/migration.sql")
      let checksums = FileChecksums(file.bytes, by: BelayArchive.sha256)
      let entry = LedgerEntry(.up, version: name, script: String(moment), checksum: checksums.own)
      content.migrations.append(
        ToolMigration(
          version: name, name: file.name, up: .success(file.known(as: entry)), checksums: checksums.all))
    }
    return content
  }

  /// The first 14 digits as a moment in UTC.
  private static func milliseconds(_ name: String) -> Int64? {
    guard let match = name.firstMatch(of: /^([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})/),
      let year = Int(match.1), let month = Int(match.2), let day = Int(match.3), let hour = Int(match.4),
      let minute = Int(match.5), let second = Int(match.6)
    else { return nil }
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = DateComponents(year: year, month: month, day: day, hour: hour, minute: minute, second: second)
    return calendar.date(from: parts).map { Int64($0.timeIntervalSince1970) * 1000 }
  }

  package func draft(
    _ title: MigrationTitle, in folder: ToolFolder, now: Date
  ) throws(BelayError) -> [DraftedFile] {
    let names = folder.listing.folders.filter { $0.value.contains("snapshot.json") }.keys
    let name = NameForm(names, usual: .seconds).name(title, now: now)
    let snapshot = try DrizzleSnapshot.next(after: names.max().map { $0 + "/snapshot.json" }, in: folder)
    return [
      DraftedFile(name + "/migration.sql", "-- \(title.text)\n\n"), DraftedFile(name + "/snapshot.json", snapshot),
    ]
  }

  package func key(of version: String) -> String { version }

  package func precedes(_ a: String, _ b: String) -> Bool { a < b }

  package func state(of rows: [LedgerRow], in table: LedgerTable) throws(BelayError) -> LedgerState {
    var state = LedgerState()
    state.applied = rows.filter { !$0.isNull("name") }.map { row in
      LedgerState.Row(
        version: row.text("name"), checksum: row.text("hash"), appliedAt: row.text("applied_at"))
    }
    return state
  }

  package func creation(of table: LedgerTable) -> [String] {
    switch table.engine {
    case .sqlite:
      [
        """
        CREATE TABLE \(table.quoted) (
        	id INTEGER PRIMARY KEY,
        	hash text NOT NULL,
        	created_at numeric,
        	name text,
        	applied_at TEXT
        )
        """
      ]
    case .postgresql:
      [
        "CREATE SCHEMA IF NOT EXISTS \(table.quoted(table.schema))",
        """
        CREATE TABLE \(table.quoted) (
        	id SERIAL PRIMARY KEY,
        	hash text NOT NULL,
        	created_at bigint,
        	name text,
        	applied_at timestamp with time zone DEFAULT now()
        )
        """,
      ]
    }
  }

  package func recording(_ entry: LedgerEntry, milliseconds: Int, in table: LedgerTable) -> [String] {
    let values = "\(entry.checksum.sqlLiteral), \(entry.script), \(entry.version.sqlLiteral)"
    switch table.engine {
    case .sqlite:
      return [
        "INSERT INTO \(table.quoted) (\"hash\", \"created_at\", \"name\", \"applied_at\") "
          + "VALUES (\(values), strftime('%Y-%m-%dT%H:%M:%fZ', 'now'))"
      ]
    case .postgresql:
      return ["INSERT INTO \(table.quoted) (\"hash\", \"created_at\", \"name\") VALUES (\(values))"]
    }
  }
}
