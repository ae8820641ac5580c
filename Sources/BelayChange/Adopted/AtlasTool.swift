import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation
import SystemPackage

/// Atlas: `VERSION_name.sql` with `atlas.sum` over all of them, and a table of revisions.
///
/// After its sources, of June 2026: `sql/migrate/{dir,migrate}.go`, `cmd/atlas/internal/migrate/ent/*`,
/// `cmd/atlas/internal/cmdapi/migrate.go`, `sql/postgres/driver.go`.
package struct AtlasTool: AdoptedTool {
  package init() {}

  package let convention = ConventionName.atlas
  package let tool = MigrationTool.atlas
  package let defaultTable = "atlas_schema_revisions"
  package let columns = [
    "version", "description", "type", "applied", "total", "executed_at", "error", "hash", "operator_version",
  ]
  package let orderColumn = "version"
  package let late = LateRule.refuses
  package let wantsEmptyDatabase = true
  package let baselineCommand = "atlas migrate apply --baseline VERSION"
  package let noWayDown: String? = "Atlas computes the way down, and keeps no files of it"

  package func schema(_ engine: LedgerEngine) -> String? { engine == .postgresql ? defaultTable : nil }

  /// Atlas writes `atlas.sum` for folders in the forms of other tools too, and their ledgers are these tools' or its own.
  package func reason(_ folder: ToolFolder, ledger: CatalogTable?) throws(BelayError) -> String? {
    guard folder.listing.files.contains(AtlasSum.path) else { return nil }
    guard try folder.firstMark() == nil,
      !folder.sqlFiles.contains(where: { FlywayName($0) != nil || PairedName($0) != nil })
    else { return nil }
    return "it contains \(AtlasSum.path)"
  }

  // MARK: The folder

  package func read(_ folder: ToolFolder) throws(BelayError) -> ToolContent {
    var content = ToolContent()
    var files: [MigrationFile] = []
    for name in folder.sqlFiles.sorted() { files.append(try folder.file(name)) }
    let sum = try checkedSum(files, folder)
    for file in files {
      let header = AtlasHeader(file.sql)
      guard header.values(of: "checkpoint").isEmpty else {
        content.skipped.append(SkippedFile(name: file.name, reason: "is a checkpoint, for an empty database"))
        content.obstacleAtFirst = BelayError(
          .refused, "Atlas begins an empty database with the checkpoint \(file.name), and belay cannot",
          hint: "begin it with `atlas migrate apply`", state: "the database is untouched")
        continue
      }
      content.migrations.append(migration(file, header, sum))
    }
    return content
  }

  /// A checkout with other line ends is the same folder.
  private func checkedSum(_ files: [MigrationFile], _ folder: ToolFolder) throws(BelayError) -> AtlasSum {
    guard folder.listing.files.contains(AtlasSum.path) else {
      throw BelayError(
        .refused, "the migrations folder \(folder.path) has no \(AtlasSum.path)",
        hint: "write it with `atlas migrate hash`",
        state: "the database is untouched")
    }
    let recorded = try folder.file(AtlasSum.path).sql.replacing("\r\n", with: "\n").trimmed
    let unix = files.map {
      (name: $0.name, text: String(decoding: $0.bytes, as: UTF8.self).replacing("\r\n", with: "\n"))
    }
    let forms: [[(name: String, bytes: [UInt8])]] = [
      files.map { ($0.name, $0.bytes) }, unix.map { ($0.name, Array($0.text.utf8)) },
      unix.map { ($0.name, Array($0.text.replacing("\n", with: "\r\n").utf8)) },
    ]
    if let sum = forms.lazy.map(AtlasSum.init).first(where: { $0.text.trimmed == recorded }) { return sum }
    throw BelayError(
      .refused, "\(AtlasSum.path) does not agree with the files in \(folder.path): one was changed, added or removed",
      hint: "if that is meant, run `atlas migrate hash`; Atlas refuses the folder too",
      state: "the database is untouched", causes: Self.differing(AtlasSum(forms[0]), recorded))
  }

  private static func differing(_ sum: AtlasSum, _ recorded: String) -> [String] {
    let lines = Set(recorded.split(separator: "\n").map(String.init))
    // Every hash behind the first one that differs differs too.
    return sum.hashes.first { !lines.contains("\($0.name) h1:\($0.hash)") }.map { ["the first is \($0.name)"] } ?? []
  }

  private func migration(_ file: MigrationFile, _ header: AtlasHeader, _ sum: AtlasSum) -> ToolMigration {
    let stem = file.name.hasSuffix(".sql") ? String(file.name.dropLast(4)) : file.name
    let end = stem.firstIndex(of: "_") ?? stem.endIndex
    let version = String(stem[..<end])
    let entry = LedgerEntry(
      .up, version: version, description: String(stem[end...].dropFirst()), checksum: sum[file.name] ?? "")
    let up = Result { () throws(BelayError) in
      for directive in ["delimiter", "txtar"] where !header.values(of: directive).isEmpty {
        throw BelayError.toolsFile(
          file.name, tool, "has the directive `atlas:\(directive)`, which belay cannot follow",
          hint: "apply it with `belay guard TARGET -- atlas migrate apply`")
      }
      let modes = header.values(of: "txmode")
      guard modes.allSatisfy({ ["none", "file"].contains($0) }), modes.count < 2 else {
        throw BelayError.toolsFile(
          file.name, tool, "has the directive `atlas:txmode \(modes.joined(separator: ", "))`",
          hint: "Atlas takes none or file, once: correct it")
      }
      let known = file.known(as: entry)
      return modes == ["none"] ? known.withoutTransaction() : known
    }
    return ToolMigration(version: version, name: file.name, up: up)
  }

  package func draft(
    _ title: MigrationTitle, in folder: ToolFolder, now: Date
  ) throws(BelayError) -> [DraftedFile] {
    let name = NameForm(folder.sqlFiles, usual: .seconds).name(title, now: now) + ".sql"
    let text = "-- \(title.text)\n\n"
    var files: [(name: String, bytes: [UInt8])] = [(name, Array(text.utf8))]
    for present in folder.sqlFiles { files.append((present, try folder.file(present).bytes)) }
    let sum = AtlasSum(files.sorted { $0.name < $1.name })
    return [
      DraftedFile(name, text),
      DraftedFile(AtlasSum.path, sum.text, replaces: folder.listing.files.contains(AtlasSum.path)),
    ]
  }

  package func key(of version: String) -> String { version }

  package func precedes(_ a: String, _ b: String) -> Bool { a < b }

  // MARK: The ledger

  package func state(of rows: [LedgerRow], in table: LedgerTable) throws(BelayError) -> LedgerState {
    var state = LedgerState()
    // Atlas Cloud's own row is no revision.
    for row in rows where row.text("version") != ".atlas_cloud_identifier" {
      let version = row.text("version")
      if row.text("applied") != row.text("total") || !row.text("error").isEmpty { throw failed(row, table) }
      // 1: all up to here was there before Atlas.
      let isBaseline = row.text("type") == "1"
      if isBaseline { state.baseline = version }
      state.applied.append(
        LedgerState.Row(
          version: version, description: row.text("description"), appliedAt: row.text("executed_at"),
          by: row.text("operator_version"), isFile: !isBaseline))
    }
    state.applied.sort { precedes($0.version, $1.version) }
    return state
  }

  private func failed(_ row: LedgerRow, _ table: LedgerTable) -> BelayError {
    let error = row.text("error").split(whereSeparator: \.isNewline).prefix(3).map(String.init)
    return BelayError(
      .refused,
      "Atlas's ledger \(table.name) says that its migration \(row.text("version")) stopped after \(row.text("applied")) of "
        + "\(row.text("total")) statements",
      hint: "`atlas migrate apply` goes on behind the last one that succeeded; if you complete or undo it by hand, say "
        + "where the database is with `atlas migrate set VERSION`",
      state: "the database is untouched", causes: error)
  }

  /// What comes before the first revision was there before it: a baseline, or a checkpoint.
  package func isApplied(_ migration: ToolMigration, _ state: LedgerState) -> Bool {
    if state.keys.contains(key(of: migration.version)) { return true }
    return state.applied.first.map { precedes(migration.version, $0.version) } ?? false
  }

  /// FNV-1 of the name `atlas_migrate_execute`.
  package func lockKey(_ table: LedgerTable, database: String) -> Int64? { 2_686_470_616 }

  package func creation(of table: LedgerTable) -> [String] {
    switch table.engine {
    case .sqlite:
      [
        """
        CREATE TABLE \(table.quoted) (`version` text NOT NULL, `description` text NOT NULL, \
        `type` integer NOT NULL DEFAULT (2), `applied` integer NOT NULL DEFAULT (0), \
        `total` integer NOT NULL DEFAULT (0), `executed_at` datetime NOT NULL, `execution_time` integer NOT NULL, \
        `error` text NULL, `error_stmt` text NULL, `hash` text NOT NULL, `partial_hashes` json NULL, \
        `operator_version` text NOT NULL, PRIMARY KEY (`version`))
        """
      ]
    case .postgresql:
      [
        "CREATE SCHEMA IF NOT EXISTS \(table.quoted(table.schema))",
        """
        CREATE TABLE \(table.quoted) ("version" character varying NOT NULL, \
        "description" character varying NOT NULL, "type" bigint NOT NULL DEFAULT 2, \
        "applied" bigint NOT NULL DEFAULT 0, "total" bigint NOT NULL DEFAULT 0, "executed_at" timestamptz NOT NULL, \
        "execution_time" bigint NOT NULL, "error" text NULL, "error_stmt" text NULL, \
        "hash" character varying NOT NULL, "partial_hashes" jsonb NULL, \
        "operator_version" character varying NOT NULL, PRIMARY KEY ("version"))
        """,
      ]
    }
  }

  package func recording(_ entry: LedgerEntry, milliseconds: Int, in table: LedgerTable) -> [String] {
    let now = table.engine == .sqlite ? "strftime('%Y-%m-%d %H:%M:%f+00:00', 'now')" : "clock_timestamp()"
    // 4: marked as applied, by `atlas migrate set`.
    let type = entry.hasRunBefore ? 4 : 2
    let count = entry.hasRunBefore ? 0 : entry.statements
    return [
      """
      INSERT INTO \(table.quoted) (version, description, type, applied, total, executed_at, execution_time, error, \
      error_stmt, hash, partial_hashes, operator_version) VALUES (\(entry.version.sqlLiteral), \
      \(entry.description.sqlLiteral), \(type), \(count), \(count), \(now), \(milliseconds * 1_000_000), '', '', \
      \(entry.checksum.sqlLiteral), 'null', \("belay \(Belay.version)".sqlLiteral))
      """
    ]
  }
}
