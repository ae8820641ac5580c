import BelayBase
import BelayDatabase
import BelayDrivers

/// dbmate: `VERSION_name.sql` with a way up and a way down in it, and a table of versions.
///
/// After its sources, version 2: `pkg/dbmate/migration.go`, `pkg/dbmate/db.go`, `pkg/driver/*`.
package struct DbmateTool: AdoptedTool {
  package init() {}

  package let convention = ConventionName.dbmate
  package let tool = MigrationTool.dbmate
  package let defaultTable = "schema_migrations"
  package let columns = ["version"]
  package let orderColumn = "version"

  package func reason(_ folder: ToolFolder, ledger: CatalogTable?) throws(BelayError) -> String? {
    try folder.firstMark(of: tool)
  }

  /// Other tools have a table of this name, with more in it.
  package func fits(columns present: Set<String>) -> Bool { present == ["version"] }

  package func read(_ folder: ToolFolder) throws(BelayError) -> ToolContent {
    var content = ToolContent()
    // In the order of the names, whatever the numbers: 10_x.sql comes before 2_x.sql.
    for name in folder.sqlFiles.sorted() {
      guard let version = MigrationFile.version(of: name) else {
        content.skipped.append(SkippedFile(name: name, reason: "has no version in front, and dbmate ignores it"))
        continue
      }
      let file = try folder.file(name)
      content.migrations.append(
        ToolMigration(
          version: version, name: name,
          up: Result { () throws(BelayError) in try DbmateFile(file).part(.up, version: version) },
          down: Result { () throws(BelayError) in try DbmateFile(file).part(.down, version: version) }))
    }
    return content
  }

  package func key(of version: String) -> String { version }

  package func precedes(_ a: String, _ b: String) -> Bool { a < b }

  package func state(of rows: [LedgerRow], in table: LedgerTable) throws(BelayError) -> LedgerState {
    var state = LedgerState()
    state.applied = rows.map { LedgerState.Row(version: $0.text("version")) }
    return state
  }

  package func wayDown(of name: String) -> WayDownForm { .part(mark: "-- migrate:down") }

  package func creation(of table: LedgerTable) -> [String] {
    let type = table.engine == .sqlite ? "varchar(128)" : "varchar"
    return ["CREATE TABLE \(table.quoted) (version \(type) primary key)"]
  }

  package func recording(_ entry: LedgerEntry, milliseconds: Int, in table: LedgerTable) -> [String] {
    let version = entry.version.sqlLiteral
    switch entry.way {
    case .up: return ["INSERT INTO \(table.quoted) (version) VALUES (\(version))"]
    case .down: return ["DELETE FROM \(table.quoted) WHERE version = \(version)"]
    }
  }
}

/// A file of dbmate's, by its parts: a way up and a way down, and perhaps more such pairs.
struct DbmateFile {
  private struct Part {
    let way: LedgerEntry.Way
    /// Of the comment that begins it.
    let line: Int
    let isTransactional: Bool
  }

  private let file: MigrationFile
  private let lines: FileLines
  private let parts: [Part]

  init(_ file: MigrationFile) throws(BelayError) {
    self.file = file
    lines = FileLines(file.sql)
    var parts: [Part] = []
    for (index, line) in lines.lines.enumerated() {
      guard let match = line.firstMatch(of: /^--\s*migrate:(up|down)(?:\s|$)/) else { continue }
      // `-- migrate:up transaction:false`
      let isTransactional = !line.split(whereSeparator: \.isWhitespace).contains("transaction:false")
      parts.append(Part(way: match.1 == "up" ? .up : .down, line: index, isTransactional: isTransactional))
    }
    self.parts = parts
    guard let first = parts.first(where: { $0.way == .up }) else { throw Self.flaw(file, "has no `-- migrate:up`") }
    guard parts.contains(where: { $0.way == .down }) else { throw Self.flaw(file, "has no `-- migrate:down`") }
    for (index, part) in parts.enumerated() where (part.way == .up) != (index % 2 == 0) {
      throw Self.flaw(file, "has two parts of one kind in a row, or the wrong one first, in line \(part.line + 1)")
    }
    guard parts.count % 2 == 0 else { throw Self.flaw(file, "has no `-- migrate:down` at its end") }
    let early = lines.lines.prefix(first.line).firstIndex { !$0.trimmed.isEmpty && !$0.trimmed.hasPrefix("--") }
    if let early { throw Self.flaw(file, "has a statement before `-- migrate:up`, in line \(early + 1)") }
  }

  /// All parts of one way, in the order of the file.
  func part(_ way: LedgerEntry.Way, version: String) throws(BelayError) -> MigrationFile {
    let part = try file.part(
      lines.text { index in
        guard let own = parts.last(where: { $0.line <= index }) else { return false }
        return own.way == way && own.line != index
      }, LedgerEntry(way, version: version), name: way == .up ? nil : "\(file.name) (down)")
    let isTransactional = parts.allSatisfy { $0.way != way || $0.isTransactional }
    return isTransactional ? part : part.withoutTransaction()
  }

  private static func flaw(_ file: MigrationFile, _ what: String) -> BelayError {
    .toolsFile(file.name, MigrationTool.dbmate, what, hint: "dbmate refuses such a file too: correct it")
  }
}

extension BelayError {
  /// A file that the tool could not run either.
  static func toolsFile(_ name: String, _ tool: MigrationTool, _ what: String, hint: String) -> BelayError {
    BelayError(
      .refused, "the migration \(name) \(what), in a folder of \(tool.name)'s", hint: hint,
      state: "the database is untouched")
  }
}
