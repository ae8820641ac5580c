import BelayBase
import BelayDatabase
import BelayDrivers

/// golang-migrate: `N_name.up.sql` and `N_name.down.sql`, and a table whose only row is the version reached.
///
/// After its sources, version 4: `source/parse.go`, `migrate.go`, `database/postgres`, `database/sqlite3`.
package struct GolangMigrateTool: AdoptedTool {
  package init() {}

  package let convention = ConventionName.golangMigrate
  package let tool = MigrationTool.golangMigrate
  package let defaultTable = "schema_migrations"
  package let columns = ["version", "dirty"]
  package let orderColumn = "version"
  package let missing = MissingRule.refuses
  package let readsTransactions = true

  package func reason(_ folder: ToolFolder, ledger: CatalogTable?) throws(BelayError) -> String? {
    guard let ledger, fits(columns: ledger.lowercasedColumns),
      let name = folder.sqlFiles.first(where: { PairedName($0)?.way == .up })
    else { return nil }
    return "\(name) is named as golang-migrate names files, and the ledger \(ledger.name) is golang-migrate's"
  }

  package func read(_ folder: ToolFolder) throws(BelayError) -> ToolContent {
    var content = ToolContent()
    var ways: [PairedName] = []
    for name in folder.sqlFiles {
      if let way = PairedName(name) {
        ways.append(way)
      } else {
        content.skipped.append(
          SkippedFile(name: name, reason: "is not named N_name.up.sql, and golang-migrate ignores it"))
      }
    }
    let ups = ways.filter { $0.way == .up }
    for down in ways where down.way == .down && !ups.contains(where: { isSame($0.version, down.version) }) {
      content.skipped.append(SkippedFile(name: down.name, reason: "has no .up.sql beside it"))
    }
    var previous: String?
    for up in ups.sorted(by: { precedes($0.version, $1.version) }) {
      let file = try folder.file(up.name).known(as: LedgerEntry(.up, version: up.version, previous: previous))
      var migration = ToolMigration(version: up.version, name: up.name, up: .success(file))
      if let down = ways.first(where: { $0.way == .down && isSame($0.version, up.version) }) {
        let entry = LedgerEntry(.down, version: up.version, previous: previous)
        migration.down = .success(try folder.file(down.name).known(as: entry))
      }
      content.migrations.append(migration)
      previous = up.version
    }
    return content
  }

  package func key(of version: String) -> String { NumberedVersions.number(version) ?? version }

  package func precedes(_ a: String, _ b: String) -> Bool { NumberedVersions.precedes(a, b) }

  package func state(of rows: [LedgerRow], in table: LedgerTable) throws(BelayError) -> LedgerState {
    var state = LedgerState()
    guard let row = rows.first else { return state }
    let version = row.text("version")
    guard !row.isTrue("dirty") else {
      throw BelayError(
        .refused, "golang-migrate's ledger \(table.name) is dirty: its migration \(version) failed half-way",
        hint: "look at what it has done, complete or undo it by hand, then say where the database is with "
          + "`migrate force VERSION`",
        state: "the database is untouched")
    }
    state.highest = version
    state.applied = [LedgerState.Row(version: version)]
    return state
  }

  package func isApplied(_ migration: ToolMigration, _ state: LedgerState) -> Bool {
    state.highest.map { !precedes($0, migration.version) } ?? false
  }

  package func undoOrder(_ content: ToolContent, _ state: LedgerState) -> [String] {
    content.migrations.filter { isApplied($0, state) }.reversed().map(\.version)
  }

  package func lockKey(_ table: LedgerTable, database: String) -> Int64? {
    ToolLockKey.golangMigrate(schema: table.schema, table: table.name, database: database)
  }

  package func creation(of table: LedgerTable) -> [String] {
    switch table.engine {
    case .sqlite:
      [
        "CREATE TABLE \(table.quoted) (version uint64,dirty bool)",
        "CREATE UNIQUE INDEX \(table.quotedBeside("version_unique")) ON \(table.quoted(table.name)) (version)",
      ]
    case .postgresql:
      ["CREATE TABLE \(table.quoted) (version bigint not null primary key, dirty boolean not null)"]
    }
  }

  package func recording(_ entry: LedgerEntry, milliseconds: Int, in table: LedgerTable) -> [String] {
    let reached = entry.way == .up ? entry.version : entry.previous
    let insertion = reached.map { "INSERT INTO \(table.quoted) (version, dirty) VALUES (\($0), FALSE)" }
    return ["DELETE FROM \(table.quoted)"] + [insertion].compactMap(\.self)
  }
}

/// `7_posts.up.sql` and `7_posts.down.sql`.
struct PairedName {
  let name: String
  /// Without zeros before it.
  let version: String
  let way: LedgerEntry.Way

  /// nil: the name is another one.
  init?(_ name: String) {
    guard let match = name.wholeMatch(of: /([0-9]+)_.*\.(up|down)\.sql/),
      let version = NumberedVersions.number(match.1), Int64(version) != nil
    else { return nil }
    self.name = name
    self.version = version
    way = match.2 == "up" ? .up : .down
  }
}

extension CatalogTable {
  var lowercasedColumns: Set<String> {
    Set(columns.filter { !$0.flags.contains(.implicit) }.map { $0.name.lowercased() })
  }
}
