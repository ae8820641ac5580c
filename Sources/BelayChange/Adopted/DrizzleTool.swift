import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation
import SystemPackage

/// Drizzle 0.x: `TAG.sql`, listed in `meta/_journal.json`, and a table of hashes and of the moments that the journal has.
/// What is newer than the newest of these moments is pending; everything else is not, also what never ran.
///
/// After its sources, version 0.45: `drizzle-orm/src/migrator.ts`, `drizzle-orm/src/{pg,sqlite}-core/dialect.ts`,
/// `drizzle-kit/src/cli/commands/migrate.ts`.
package struct DrizzleTool: AdoptedTool {
  package init() {}

  package let convention = ConventionName.drizzle
  package let tool = MigrationTool.drizzle
  package let defaultTable = "__drizzle_migrations"
  package let columns = ["hash", "created_at"]
  package let orderColumn = "created_at"
  package let noWayDown: String? = "Drizzle has no ways down"
  package let otherShapeHint: String? =
    "the ledger is of Drizzle 1.0, and the folder of an older one: bring it up to date with `drizzle-kit up`"

  package func schema(_ engine: LedgerEngine) -> String? { engine == .postgresql ? "drizzle" : nil }

  package func fits(columns present: Set<String>) -> Bool {
    present.isSuperset(of: columns) && !present.contains("name")
  }

  package func reason(_ folder: ToolFolder, ledger: CatalogTable?) throws(BelayError) -> String? {
    folder.hasJournal ? "it contains \(DrizzleJournal.path)" : nil
  }

  package func read(_ folder: ToolFolder) throws(BelayError) -> ToolContent {
    var content = ToolContent()
    guard folder.hasJournal else {
      throw BelayError(
        .refused, "the migrations folder \(folder.path) has no \(DrizzleJournal.path)",
        hint: "get it back from version control; it lists the files that Drizzle applies",
        state: "the database is untouched")
    }
    let journal = try DrizzleJournal(folder)
    content.dialect = journal.dialect == "turso" ? "sqlite" : journal.dialect
    for entry in journal.entries {
      let name = entry.tag + ".sql"
      guard folder.sqlFiles.contains(name) else {
        throw BelayError.toolsFile(
          name, tool, "is in \(DrizzleJournal.path), and there is no such file",
          hint: "get it back from version control: Drizzle refuses the whole folder")
      }
      let file = try folder.file(name)
      let checksums = FileChecksums(file.bytes, by: BelayArchive.sha256)
      let version = String(entry.when)
      content.migrations.append(
        ToolMigration(
          version: version, name: name,
          up: .success(file.known(as: LedgerEntry(.up, version: version, checksum: checksums.own))),
          checksums: checksums.all))
    }
    let tags = Set(journal.entries.map(\.tag))
    for name in folder.sqlFiles where !tags.contains(String(name.dropLast(4))) {
      content.skipped.append(
        SkippedFile(name: name, reason: "is not in \(DrizzleJournal.path), and Drizzle ignores it"))
    }
    return content
  }

  package func key(of version: String) -> String { NumberedVersions.number(version) ?? version }

  package func precedes(_ a: String, _ b: String) -> Bool { NumberedVersions.precedes(a, b) }

  package func state(of rows: [LedgerRow], in table: LedgerTable) throws(BelayError) -> LedgerState {
    var state = LedgerState()
    state.applied = rows.filter { !$0.isNull("created_at") }.map { row in
      LedgerState.Row(version: row.text("created_at"), checksum: row.text("hash"))
    }
    state.highest = state.applied.map(\.version).max { precedes($0, $1) }
    return state
  }

  package func isApplied(_ migration: ToolMigration, _ state: LedgerState) -> Bool {
    state.highest.map { !precedes($0, migration.version) } ?? false
  }

  /// What Drizzle would pass over without a word, and what it would run twice.
  package func review(_ content: ToolContent, _ state: LedgerState) throws(BelayError) -> [Finding] {
    let hashes = Set(state.applied.map(\.checksum))
    var findings: [Finding] = []
    for migration in content.migrations where row(of: migration, state) == nil {
      let isKnown = !migration.checksums.isDisjoint(with: hashes)
      if isApplied(migration, state), !isKnown {
        findings.append(
          Finding(
            .warning, source: "migrations", rule: "passed-over", subject: migration.name,
            message:
              "has never been applied, and Drizzle passes it over: its `when` in \(DrizzleJournal.path) is not after "
              + "the newest one in the ledger, \(state.highest ?? "")",
            hint: "give it a later `when`, and the last place in the journal"))
      } else if !isApplied(migration, state), isKnown {
        throw BelayError(
          .refused,
          "the migration \(migration.name) has already been applied, with another `when` in \(DrizzleJournal.path)",
          hint: "get the journal back from version control: Drizzle would run it a second time",
          state: "the database is untouched")
      }
    }
    return findings
  }

  package func draft(
    _ title: MigrationTitle, in folder: ToolFolder, now: Date
  ) throws(BelayError) -> [DraftedFile] {
    guard folder.hasJournal else { throw DrizzleSnapshot.missing(folder.path.string) }
    var journal = try DrizzleJournal(folder)
    let last = journal.entries.last
    let form = NameForm(journal.entries.map(\.tag), usual: .counter4)
    let prefix = last == nil ? "0000" : form.next(now: now)
    let tag = "\(prefix)_\(title.text)"
    let snapshot = try DrizzleSnapshot.next(
      after: last.map { "meta/\($0.tag.prefix { $0 != "_" })_snapshot.json" }, in: folder)
    journal.entries.append(
      DrizzleJournal.Entry(
        idx: (last?.idx ?? -1) + 1, version: last?.version ?? journal.version,
        when: max(Int64(now.timeIntervalSince1970 * 1000), (last?.when ?? 0) + 1), tag: tag,
        breakpoints: last?.breakpoints ?? true))
    return [
      DraftedFile(tag + ".sql", "-- \(title.text)\n\n"), DraftedFile("meta/\(prefix)_snapshot.json", snapshot),
      DraftedFile(DrizzleJournal.path, journal.text, replaces: true),
    ]
  }

  package func creation(of table: LedgerTable) -> [String] {
    switch table.engine {
    // In SQLite `SERIAL` is no type that counts: the ids are NULL, in Drizzle's own ledgers too.
    case .sqlite:
      [
        """
        CREATE TABLE \(table.quoted) (
        	id SERIAL PRIMARY KEY,
        	hash text NOT NULL,
        	created_at numeric
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
        	created_at bigint
        )
        """,
      ]
    }
  }

  package func recording(_ entry: LedgerEntry, milliseconds: Int, in table: LedgerTable) -> [String] {
    [
      "INSERT INTO \(table.quoted) (\"hash\", \"created_at\") VALUES (\(entry.checksum.sqlLiteral), \(entry.version))"
    ]
  }
}

extension ToolFolder {
  var hasJournal: Bool { listing.folders["meta"]?.contains("_journal.json") == true }
}
