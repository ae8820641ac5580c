import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// The rules of a migration tool in whose folder and ledger belay goes on: which files there are and in which order, which
/// of them are applied, and what is written beside one that has run. `docs/conventions.md` explains them to users.
package protocol AdoptedTool: Sendable {
  var convention: ConventionName { get }
  var tool: MigrationTool { get }
  /// The ledger's, unless a person has chosen another one.
  var defaultTable: String { get }
  /// Of the ledger, as far as belay reads them, in small letters.
  var columns: [String] { get }
  /// The column that tells the order in which rows were written.
  var orderColumn: String { get }
  var late: LateRule { get }
  var missing: MissingRule { get }
  /// A file says by its statements whether it runs in a transaction: one may hold `BEGIN` and `COMMIT` around all others,
  /// or nothing but statements that refuse a transaction.
  var readsTransactions: Bool { get }

  /// A file runs in no transaction with the tool: a setting that has no effect inside one takes effect wherever it stands.
  var setsBeforehand: Bool { get }
  /// The schema that the ledger is made in; nil: where a table without a schema's name is.
  func schema(_ engine: LedgerEngine) -> String?
  /// The key of the advisory lock that the tool holds in PostgreSQL while it is at work; nil: it holds none.
  func lockKey(_ table: LedgerTable, database: String) -> Int64?
  /// What to do where the ledger has the shape of another version of the tool; nil: there is none.
  var otherShapeHint: String? { get }

  /// What shows that folder and ledger are the tool's; nil: nothing does.
  /// - Parameter ledger: the table of the ledger's name.
  func reason(_ folder: ToolFolder, ledger: CatalogTable?) throws(BelayError) -> String?

  /// Whether a table with these columns, in small letters, can be the tool's ledger.
  func fits(columns: Set<String>) -> Bool

  /// In which it can be gone on with.
  var engines: Set<LedgerEngine> { get }

  /// Where there is no ledger, belay can make one.
  var makesLedger: Bool { get }

  /// All tables that a migration is recorded in, in the ledger's schema, where the ledger is not the only one. A user may have
  /// tables of these names in another schema.
  var tables: [String] { get }

  /// Whether a row of the ledger is about this folder, and not about another one that shares the ledger.
  func isOf(_ content: ToolContent, _ row: LedgerRow) -> Bool

  /// Whether a person means this migration, by a name that is neither its file's nor its version.
  func isCalled(_ migration: ToolMigration, _ typed: String) -> Bool

  /// What a row means whose version the folder has not, and what to do; nil: that its file is not there.
  func words(ofMissing row: LedgerState.Row) -> (message: String, hint: String)?

  /// Whether a version is undone where a person wants to go back to another one.
  func undoes(_ version: String, after last: String, in content: ToolContent) -> Bool

  /// Every migration of the folder, in the tool's order.
  func read(_ folder: ToolFolder) throws(BelayError) -> ToolContent

  /// The files of the next migration of the folder, for a person to fill in.
  func draft(_ title: MigrationTitle, in folder: ToolFolder, now: Date) throws(BelayError) -> [DraftedFile]

  /// Equal for two texts of one version: `0007` and `7`, where the tool reads them so.
  func key(of version: String) -> String

  /// Whether a version comes before another.
  func precedes(_ a: String, _ b: String) -> Bool

  /// What the ledger says.
  /// - Throws: where the tool itself would not go on, such as after a migration that failed half-way.
  func state(of rows: [LedgerRow], in table: LedgerTable) throws(BelayError) -> LedgerState

  /// What a person should know of folder and ledger that no rule of all tools says.
  /// - Throws: where the tool would do harm.
  func review(_ content: ToolContent, _ state: LedgerState) throws(BelayError) -> [Finding]

  func isApplied(_ migration: ToolMigration, _ state: LedgerState) -> Bool

  /// The ledger's row of a migration; nil: it has none, which does not say that it is not applied.
  func row(of migration: ToolMigration, _ state: LedgerState) -> LedgerState.Row?

  /// What is wrong with a file that is applied, beside its text; nil: nothing.
  func mismatch(_ migration: ToolMigration, _ row: LedgerState.Row) -> String?

  /// Versions in the order in which the tool undoes them.
  func undoOrder(_ content: ToolContent, _ state: LedgerState) -> [String]

  /// Without a ledger, the tool begins only in an empty database.
  var wantsEmptyDatabase: Bool { get }

  /// What tells the tool that a database without a ledger is at some version.
  var baselineCommand: String { get }

  /// Why belay cannot undo anything here; nil: it can.
  var noWayDown: String? { get }

  /// Where a migration's way down is.
  /// - Parameter name: of the file that makes the change.
  func wayDown(of name: String) -> WayDownForm

  /// A statement of a way down, with the marks that the tool wants around it.
  func bracketed(_ statement: String) -> String

  /// A way down as a whole, with what the tool wants around it.
  func framed(_ wayDown: String) -> String

  /// The statements that make the ledger, as the tool makes it.
  func creation(of table: LedgerTable) -> [String]

  /// The statements that the tool runs beside a migration.
  func recording(_ entry: LedgerEntry, milliseconds: Int, in table: LedgerTable) -> [String]
}

/// What a tool does with a file that is not applied, and comes before one that is.
package enum LateRule: Sendable {
  case applies, refuses
}

/// Where a tool looks for a way down.
package enum WayDownForm: Sendable, Equatable {
  /// By its path in the folder.
  case file(String)
  /// In the same file, behind this line.
  case part(mark: String)
}

/// What a tool does where its ledger has a version that the folder has not.
package enum MissingRule: Sendable {
  case ignores, refuses
  /// It ignores what is newer than all files.
  case refusesOlder
}

extension AdoptedTool {
  package var late: LateRule { .applies }
  package var missing: MissingRule { .ignores }
  package var readsTransactions: Bool { false }
  package var wantsEmptyDatabase: Bool { false }
  package var baselineCommand: String { "" }
  package var setsBeforehand: Bool { false }
  package var otherShapeHint: String? { nil }
  package var noWayDown: String? { nil }

  package var engines: Set<LedgerEngine> { [.sqlite, .postgresql] }
  package var makesLedger: Bool { true }
  package var tables: [String] { [] }

  package func isOf(_ content: ToolContent, _ row: LedgerRow) -> Bool { true }
  package func isCalled(_ migration: ToolMigration, _ typed: String) -> Bool { false }
  package func words(ofMissing row: LedgerState.Row) -> (message: String, hint: String)? { nil }

  package func undoes(_ version: String, after last: String, in content: ToolContent) -> Bool {
    precedes(last, version)
  }

  package func schema(_ engine: LedgerEngine) -> String? { nil }
  package func lockKey(_ table: LedgerTable, database: String) -> Int64? { nil }

  package func review(_ content: ToolContent, _ state: LedgerState) throws(BelayError) -> [Finding] { [] }

  package func undoOrder(_ content: ToolContent, _ state: LedgerState) -> [String] {
    state.applied.map(\.version).sorted { precedes($1, $0) }
  }

  package func fits(columns present: Set<String>) -> Bool { present.isSuperset(of: columns) }

  package func isApplied(_ migration: ToolMigration, _ state: LedgerState) -> Bool {
    state.keys.contains(key(of: migration.version))
  }

  package func row(of migration: ToolMigration, _ state: LedgerState) -> LedgerState.Row? {
    state.applied.last { isSame($0.version, migration.version) }
  }

  /// `7_posts.down.sql` beside `7_posts.up.sql` or `7_posts.sql`; `7_posts/down.sql` beside `7_posts/up.sql`.
  package func wayDown(of name: String) -> WayDownForm {
    if name.hasSuffix("/up.sql") { return .file(name.dropLast("up.sql".count) + "down.sql") }
    let stem = name.dropLast(name.hasSuffix(".up.sql") ? ".up.sql".count : ".sql".count)
    return .file(stem + ".down.sql")
  }

  package func bracketed(_ statement: String) -> String { statement }
  package func framed(_ wayDown: String) -> String { wayDown }

  package func mismatch(_ migration: ToolMigration, _ row: LedgerState.Row) -> String? { nil }

  package func isSame(_ a: String, _ b: String) -> Bool { key(of: a) == key(of: b) }
}
