import BelayBase
import BelayDatabase
import BelayDrivers

/// A ledger in the target: which migrations are applied, and what is written beside one that is. Its rows are written in
/// the same transaction or call as the migration, so that after a crash they say what really happened.
package protocol AppliedHistory: Sendable {
  /// belay's own table, which holds what the tool's has no columns for: the digest, the run, the time taken.
  var receipts: Receipts { get }
  /// All tables that it keeps, with the columns that it needs of each; none of a user's.
  var shapes: [String: [String]] { get }
  /// The same tables, where they are: a user may have one of that name in another schema.
  var ownTables: OwnTables { get }
  /// Other tools write files for the one whose ledger this is, so that their marks in the folder mean nothing.
  var sharesFiles: Bool { get }

  /// What is applied, in order of name. None where the tables do not exist yet.
  func applied(_ connection: Connection, catalog: Catalog, context: RunContext) throws(BelayError)
    -> [AppliedMigration]

  /// Statements that make the tables that the catalog does not have.
  func makers(_ traits: Traits, in catalog: Catalog) -> [String]

  /// Records a file as applied, in the connection's transaction where one is open.
  func record(
    _ file: MigrationFile, run: String, milliseconds: Int, on connection: Connection, inTransaction: Bool,
    context: RunContext
  ) throws(DriverError)

  /// The statements that do the same, for a call that holds the file too. The last of them is the receipt.
  func recording(_ file: MigrationFile, run: String, milliseconds: Int, _ traits: Traits) -> [String]

  /// The first of some files that have run of which the ledger does not say so; nil: it does of all.
  func firstUnrecorded(
    of files: [MigrationFile], _ connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> MigrationFile?
}

/// A migration that a ledger says is applied.
package struct AppliedMigration: Sendable, Equatable {
  package let name: String
  /// Empty: not known, for another tool has applied it.
  package let sha256: String
  package let appliedAt: String
  /// Empty: another tool's.
  package let run: String

  /// When, and by whom.
  package var words: String { "\(appliedAt), " + (run.isEmpty ? "by another tool" : "run \(run)") }
}

extension AppliedMigration {
  init(_ row: Receipts.Row) {
    self.init(name: row.name, sha256: row.sha256, appliedAt: row.appliedAt, run: row.run)
  }
}

extension AppliedHistory {
  package var sharesFiles: Bool { false }
  package var tables: Set<String> { Set(shapes.keys) }
  package var ownTables: OwnTables { OwnTables(tables) }

  /// Any of the rows without the others would be wrong.
  package func record(
    _ file: MigrationFile, run: String, milliseconds: Int, on connection: Connection, inTransaction: Bool,
    context: RunContext
  ) throws(DriverError) {
    let statements = recording(file, run: run, milliseconds: milliseconds, connection.traits)
    guard inTransaction else { return try connection.executeAtomically(statements, operation: context.stoppable()) }
    for statement in statements { _ = try connection.execute(statement, operation: context.stoppable()) }
  }

  package func firstUnrecorded(
    of files: [MigrationFile], _ connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> MigrationFile? {
    let applied = Set(try applied(connection, catalog: catalog, context: context).map(\.name))
    return files.first { !applied.contains($0.name) }
  }

  /// A table of the name of a ledger may be of another tool, or of one's own.
  func checkShape(in catalog: Catalog) throws(BelayError) {
    for (name, columns) in shapes.sorted(by: { $0.key < $1.key }) {
      guard let table = catalog.tables.first(where: { $0.name == name }) else { continue }
      let present = table.columns.filter { !$0.flags.contains(.implicit) }.map(\.name)
      let lower = Set(present.map { $0.lowercased() })
      let missing = columns.filter { !lower.contains($0) }
      guard !missing.isEmpty else { continue }
      let found = ToolLedger.found(in: catalog, except: []).first {
        $0.table.name == name && $0.ledger.tool != .unknown
      }
      let owner = found.map { ", the ledger of \($0.ledger.tool.name)," } ?? ""
      throw BelayError(
        .refused,
        "the table \(name)\(owner) cannot be belay's ledger: it has the columns \(present.joined(separator: ", ")), and "
          + "lacks \(missing.joined(separator: ", "))",
        hint: "set `ledger:` in belay.yaml to a name that no other table has: belay creates the table",
        state: "the database is untouched")
    }
  }

  /// Whether a run has recorded a file.
  package func isRecorded(
    _ file: MigrationFile, run: String, _ connection: Connection, context: RunContext
  ) throws(BelayError) -> Bool {
    try receipts.parts(of: run, connection, context: context).contains(file.name)
  }
}
