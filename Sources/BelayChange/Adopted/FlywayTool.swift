import BelayBase
import BelayDatabase
import BelayDrivers

/// Flyway: `V1__name.sql` in order of version, then `R__name.sql` whenever its text has changed, and a table with a row for
/// each run.
///
/// After its sources, version 11: `MigrationInfoServiceImpl`, `MigrationInfoImpl`, `ChecksumCalculator`, `ResourceNameParser`,
/// `PostgreSQLDatabase`, `SQLiteDatabase`.
package struct FlywayTool: AdoptedTool {
  package init() {}

  package let convention = ConventionName.flyway
  package let tool = MigrationTool.flyway
  package let defaultTable = "flyway_schema_history"
  package let columns = [
    "installed_rank", "version", "description", "type", "script", "checksum", "installed_by", "installed_on", "success",
  ]
  package let orderColumn = "installed_rank"
  package let late = LateRule.refuses
  package let missing = MissingRule.refusesOlder
  package let readsTransactions = true
  package let wantsEmptyDatabase = true
  package let baselineCommand = "flyway baseline"
  package let noWayDown: String? =
    "only Flyway's paid editions undo, and what they write into the ledger, the others cannot read"

  package func reason(_ folder: ToolFolder, ledger: CatalogTable?) throws(BelayError) -> String? {
    guard let mark = FolderMark(in: folder.listing), mark.tool == tool else { return nil }
    return mark.reason
  }

  // MARK: The folder

  package func read(_ folder: ToolFolder) throws(BelayError) -> ToolContent {
    var content = ToolContent()
    var repeatable: [ToolMigration] = []
    let paths = folder.allFiles()
    for path in paths {
      let name = path.split(separator: "/").last.map(String.init) ?? path
      guard name.lowercased().hasSuffix(".sql") else {
        if let obstacle = program(path, name) { content.obstacle = content.obstacle ?? obstacle }
        continue
      }
      guard let parsed = FlywayName(name) else {
        if Self.isCallback(name) { content.obstacle = content.obstacle ?? callback(path) }
        content.skipped.append(
          SkippedFile(name: path, reason: "is not named V1__name.sql or R__name.sql, and Flyway ignores it"))
        continue
      }
      switch parsed.kind {
      case .versioned: content.migrations.append(try migration(path, parsed, paths, folder))
      case .repeatable: repeatable.append(try migration(path, parsed, paths, folder))
      case .undo: content.skipped.append(SkippedFile(name: path, reason: "undoes version \(parsed.version)"))
      case .baseline:
        content.skipped.append(SkippedFile(name: path, reason: "is for a database that Flyway finds empty"))
        content.obstacleAtFirst = BelayError(
          .refused, "Flyway begins an empty database with \(path), and belay cannot",
          hint: "begin it with `flyway migrate`", state: "the database is untouched")
      }
    }
    content.migrations.sort { precedes($0.version, $1.version) }
    content.migrations += repeatable.sorted { Self.description($0) < Self.description($1) }
    return content
  }

  private func migration(
    _ path: String, _ name: FlywayName, _ paths: [String], _ folder: ToolFolder
  ) throws(BelayError) -> ToolMigration {
    let file = try folder.file(path)
    let checksum = String(FlywayChecksum.of(file.bytes))
    let entry = LedgerEntry(
      .up, version: name.version, description: Self.shortened(name.description), script: Self.shortenedScript(path),
      checksum: checksum)
    let up = Result { () throws(BelayError) in
      let settings = paths.contains(path + ".conf") ? try FlywaySettings(folder.file(path + ".conf")) : FlywaySettings()
      if settings.replacesPlaceholders, let line = FileLines(file.sql).lines.firstIndex(where: { $0.contains("${") }) {
        throw BelayError.toolsFile(
          path, tool, "has a placeholder `${…}` in line \(line + 1)",
          hint: "belay does not know its value: write it into the file, or apply it with `flyway migrate`")
      }
      let known = file.known(as: entry)
      return settings.isTransactional ? known : known.withoutTransaction()
    }
    return ToolMigration(version: name.version, name: path, up: up, checksums: [checksum])
  }

  private static func description(_ migration: ToolMigration) -> String {
    let name = migration.name.split(separator: "/").last.map(String.init) ?? migration.name
    return shortened(FlywayName(name)?.description ?? "")
  }

  /// The ledger's column takes 200 characters.
  private static func shortened(_ description: String) -> String {
    description.count <= 200 ? description : description.prefix(197) + "..."
  }

  private static func shortenedScript(_ script: String) -> String {
    script.count <= 1000 ? script : "..." + script.dropFirst(3).prefix(997)
  }

  private static func isCallback(_ name: String) -> Bool {
    name.firstMatch(of: /^(?:before|after)(?:Each|Migrate|Versioned|Repeatables|Connect|CreateSchema)/) != nil
  }

  private func callback(_ path: String) -> BelayError {
    BelayError(
      .refused, "Flyway runs \(path) before or after migrations, and belay does not",
      hint: "put its statements into the migrations, or apply them with `flyway migrate`",
      state: "the database is untouched")
  }

  private func program(_ path: String, _ name: String) -> BelayError? {
    guard name.firstMatch(of: /^[VR].*__.*\.(?:java|kt|class|py|sh|bash|ps1|cmd|bat)$/) != nil else { return nil }
    return BelayError(
      .refused, "the migration \(path) is a program, which belay cannot run",
      hint: "apply the migrations with `flyway migrate`", state: "the database is untouched")
  }

  package func key(of version: String) -> String { FlywayVersion(version)?.key ?? version }

  package func precedes(_ a: String, _ b: String) -> Bool {
    guard let a = FlywayVersion(a), let b = FlywayVersion(b) else { return a < b }
    return a < b
  }

  // MARK: The ledger

  package func state(of rows: [LedgerRow], in table: LedgerTable) throws(BelayError) -> LedgerState {
    var state = LedgerState()
    for row in rows {
      guard row.isTrue("success") else { throw failed(row, table) }
      let version = row.text("version")
      let type = row.text("type")
      switch type {
      case "SCHEMA": break
      case "DELETE" where row.isNull("version"): state.repeated[row.text("description")] = nil
      case "DELETE", "UNDO_SQL", "UNDO_SCRIPT", "UNDO_JDBC", "UNDO_SPRING_JDBC":
        if let last = state.applied.lastIndex(where: { isSame($0.version, version) }) { state.applied.remove(at: last) }
      case "BASELINE", "SQL_BASELINE": state.baseline = version
      case _ where row.isNull("version"): state.repeated[row.text("description")] = Self.row(row, isFile: true)
      default:
        state.applied.append(Self.row(row, isFile: type == "SQL"))
      }
    }
    return state
  }

  private static func row(_ row: LedgerRow, isFile: Bool) -> LedgerState.Row {
    LedgerState.Row(
      version: row.text("version"), description: row.text("description"), checksum: row.text("checksum"),
      appliedAt: row.text("installed_on"), by: row.text("installed_by"), isFile: isFile)
  }

  private func failed(_ row: LedgerRow, _ table: LedgerTable) -> BelayError {
    BelayError(
      .refused, "Flyway's ledger \(table.name) says that \(row.text("script")) failed half-way",
      hint: "look at what it has done, complete or undo it by hand, then run `flyway repair`",
      state: "the database is untouched")
  }

  package func isApplied(_ migration: ToolMigration, _ state: LedgerState) -> Bool {
    guard !migration.version.isEmpty else {
      return row(of: migration, state).map { migration.checksums.contains($0.checksum) } ?? false
    }
    if let baseline = state.baseline, !precedes(baseline, migration.version) { return true }
    return state.keys.contains(key(of: migration.version))
  }

  package func row(of migration: ToolMigration, _ state: LedgerState) -> LedgerState.Row? {
    migration.version.isEmpty
      ? state.repeated[Self.description(migration)] : state.applied.last { isSame($0.version, migration.version) }
  }

  package func mismatch(_ migration: ToolMigration, _ row: LedgerState.Row) -> String? {
    let description = Self.description(migration)
    let recorded = row.description == "<< no description >>" ? "" : row.description
    guard recorded != description else { return nil }
    return "was applied with the description `\(recorded)`, and its name now says `\(description)`"
  }

  package func lockKey(_ table: LedgerTable, database: String) -> Int64? {
    ToolLockKey.flyway(schema: table.schema, table: table.name)
  }

  package func creation(of table: LedgerTable) -> [String] {
    let index =
      "CREATE INDEX \(indexName(table)) ON \(table.engine == .sqlite ? table.quoted(table.name) : table.quoted) (\"success\")"
    switch table.engine {
    case .sqlite:
      return [
        """
        CREATE TABLE \(table.quoted) (
            "installed_rank" INT NOT NULL PRIMARY KEY,
            "version" VARCHAR(50),
            "description" VARCHAR(200) NOT NULL,
            "type" VARCHAR(20) NOT NULL,
            "script" VARCHAR(1000) NOT NULL,
            "checksum" INT,
            "installed_by" VARCHAR(100) NOT NULL,
            "installed_on" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')),
            "execution_time" INT NOT NULL,
            "success" BOOLEAN NOT NULL
        )
        """, index,
      ]
    case .postgresql:
      return [
        """
        CREATE TABLE \(table.quoted) (
            "installed_rank" INT NOT NULL,
            "version" VARCHAR(50),
            "description" VARCHAR(200) NOT NULL,
            "type" VARCHAR(20) NOT NULL,
            "script" VARCHAR(1000) NOT NULL,
            "checksum" INTEGER,
            "installed_by" VARCHAR(100) NOT NULL,
            "installed_on" TIMESTAMP NOT NULL DEFAULT now(),
            "execution_time" INTEGER NOT NULL,
            "success" BOOLEAN NOT NULL
        )
        """,
        "ALTER TABLE \(table.quoted) ADD CONSTRAINT \(table.quoted(table.name + "_pk")) PRIMARY KEY (\"installed_rank\")",
        index,
      ]
    }
  }

  /// SQLite wants the schema before the index, and PostgreSQL before the table.
  private func indexName(_ table: LedgerTable) -> String {
    let name = table.name + "_s_idx"
    return table.engine == .sqlite ? table.quotedBeside(name) : table.quoted(name)
  }

  package func recording(_ entry: LedgerEntry, milliseconds: Int, in table: LedgerTable) -> [String] {
    let version = entry.version.isEmpty ? "NULL" : entry.version.sqlLiteral
    let who = table.engine == .sqlite ? "''" : "current_user"
    return [
      """
      INSERT INTO \(table.quoted) ("installed_rank", "version", "description", "type", "script", "checksum", \
      "installed_by", "execution_time", "success") \
      SELECT COALESCE(MAX("installed_rank"), 0) + 1, \(version), \(entry.description.sqlLiteral), 'SQL', \
      \(entry.script.sqlLiteral), \(entry.checksum), \(who), \(milliseconds), TRUE FROM \(table.quoted)
      """
    ]
  }
}
