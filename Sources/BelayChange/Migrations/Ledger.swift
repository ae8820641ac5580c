import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// The table in the target that says which migrations are applied. Its rows are written in the same transaction or call as
/// the migration, so that after a crash it tells what really happened.
///
/// Where the engine's own tool has such a table and no other is configured, that one says what is applied, in the tool's own
/// shape, and belay's holds what the tool has no columns for: the digest, the run, the time taken.
package struct Ledger {
  package struct Row: Sendable, Equatable {
    package let name: String
    /// Empty: not known, for another tool has applied it.
    package let sha256: String
    let appliedAt: String
    /// Empty: another tool's.
    package let run: String

    /// When, and by whom.
    package var words: String { "\(appliedAt), " + (run.isEmpty ? "by another tool" : "run \(run)") }
  }

  static let defaultTable = "belay_migrations"

  /// belay's own.
  package let table: String
  /// The tool's.
  var tool: ToolLedger?
  package let context: RunContext

  /// The one that is configured, or the engine's tool's. A configured table of the tool's shape is one of the tool's, which
  /// some tools let their users name.
  /// - Parameter configured: nil or empty: none is.
  package init(configured: String?, context: RunContext, traits: Traits, catalog: Catalog) {
    self.context = context
    let configured = configured?.isEmpty == true ? nil : configured
    guard var tool = traits.toolLedger else {
      table = configured ?? Self.defaultTable
      return
    }
    if let configured {
      let columns = catalog.tables.first { $0.name == configured }.map { Set($0.columns.map(\.name)) }
      let isOfTool =
        columns?.isSuperset(of: [tool.nameColumn, tool.timeColumn]) == true && columns?.contains("run_id") == false
      guard isOfTool || configured == tool.table else {
        table = configured
        return
      }
      tool.table = configured
    }
    table = Self.defaultTable
    self.tool = tool
  }

  /// None of a user's.
  package var tables: Set<String> { Set([table] + (tool.map { [$0.table] } ?? [])) }

  // MARK: Reading

  /// What is applied, in order of name. Empty where the table does not exist yet.
  package func rows(_ connection: Connection, catalog: Catalog) throws(BelayError) -> [Row] {
    func exists(_ table: String) -> Bool { catalog.objects.contains { $0.kind == "table" && $0.name == table } }
    let own = exists(table) ? try ownRows(connection) : []
    guard let tool else { return own }
    return exists(tool.table) ? try toolRows(tool, own: own, connection) : []
  }

  /// The same where the tables are known to exist.
  package func rows(_ connection: Connection) throws(BelayError) -> [Row] {
    let own = try ownRows(connection)
    guard let tool else { return own }
    return try toolRows(tool, own: own, connection)
  }

  /// The files that a run has recorded: asked where its own answers were lost.
  /// - Parameter configured: as in `init`.
  package static func files(
    of run: String, configured: String?, _ connection: Connection, _ context: RunContext
  ) throws(BelayError) -> [String] {
    let catalog: Catalog
    do {
      catalog = try connection.catalog(operation: context.unstoppable())
    } catch {
      throw BelayError(error, doing: "cannot read the schema", kind: .notRolledBack)
    }
    let ledger = Ledger(configured: configured, context: context, traits: connection.traits, catalog: catalog)
    return try ledger.rows(connection, catalog: catalog).filter { $0.run == run }.map(\.name)
  }

  private func ownRows(_ connection: Connection) throws(BelayError) -> [Row] {
    try read(["name", "sha256", "applied_at", "run_id"], of: table, connection).map { text in
      Row(name: text[0], sha256: text[1], appliedAt: text[2], run: text[3])
    }.sorted { MigrationFile.precedes($0.name, $1.name) }
  }

  private func toolRows(_ tool: ToolLedger, own: [Row], _ connection: Connection) throws(BelayError) -> [Row] {
    let known = Dictionary(own.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    return try read([tool.nameColumn, tool.timeColumn], of: tool.table, connection).map { text in
      known[text[0]] ?? Row(name: text[0], sha256: "", appliedAt: text[1], run: "")
    }.sorted { MigrationFile.precedes($0.name, $1.name) }
  }

  private func read(
    _ columns: [String], of table: String, _ connection: Connection
  ) throws(BelayError) -> [[String]] {
    let traits = connection.traits
    do {
      let values = try connection.values(
        "SELECT \(columns.map(traits.quoted).joined(separator: ", ")) FROM \(traits.quoted(table))",
        operation: context.unstoppable())
      return values.map { row in columns.indices.map { row.indices.contains($0) ? row[$0].asText : "" } }
    } catch {
      throw BelayError(
        error, doing: "cannot read the ledger \(table)", kind: .refused, state: "the database is untouched")
    }
  }

  // MARK: Writing

  package func create(_ connection: Connection) throws(DriverError) {
    for statement in makers(connection.traits) {
      _ = try connection.execute(statement, operation: context.stoppable())
    }
  }

  /// Statements that make what is missing, and do no harm where nothing is.
  func makers(_ traits: Traits) -> [String] {
    let own = """
      CREATE TABLE IF NOT EXISTS \(traits.quoted(table)) (
        name VARCHAR(255) NOT NULL PRIMARY KEY,
        sha256 VARCHAR(64) NOT NULL,
        applied_at VARCHAR(32) NOT NULL,
        run_id VARCHAR(255) NOT NULL,
        duration_ms BIGINT NOT NULL
      )
      """
    return (tool.map { [$0.ddl] } ?? []) + [own]
  }

  package func record(_ file: MigrationFile, run: String, milliseconds: Int, on connection: Connection)
    throws(DriverError)
  {
    guard tool == nil else {
      // Either table without the other's row would be wrong.
      return try connection.executeAtomically(
        records(file, run: run, milliseconds: milliseconds, connection.traits), operation: context.stoppable())
    }
    _ = try connection.execute(
      """
      INSERT INTO \(connection.traits.quoted(table)) (name, sha256, applied_at, run_id, duration_ms) \
      VALUES (\(connection.traits.placeholders(5)))
      """,
      rows: [
        [
          .text(file.name), .text(file.sha256), .text(Moment.iso(Date())), .text(run), .integer(Int64(milliseconds)),
        ]
      ], operation: context.stoppable())
  }

  /// The statements that record a file, for where nothing can be bound.
  func records(_ file: MigrationFile, run: String, milliseconds: Int, _ traits: Traits) -> [String] {
    func literal(_ text: String) -> String { "'" + text.replacing("'", with: "''") + "'" }
    let (own, name) = (traits.quoted(table), literal(file.name))
    var statements: [String] = []
    if let tool {
      // Whoever took the file out of the tool's ledger to have it applied again need not know of belay's.
      statements = [
        "DELETE FROM \(own) WHERE name = \(name)",
        "INSERT INTO \(traits.quoted(tool.table)) (\(traits.quoted(tool.nameColumn))) VALUES (\(name))",
      ]
    }
    let values = [name, literal(file.sha256), literal(Moment.iso(Date())), literal(run), String(milliseconds)]
    statements.append(
      "INSERT INTO \(own) (name, sha256, applied_at, run_id, duration_ms) VALUES (\(values.joined(separator: ", ")))")
    return statements
  }
}
