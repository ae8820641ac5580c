import BelayArchive
import BelayBase
import BelayDatabase
import BelayRuns
import CoreTesting
import Testing

@testable import BelayChange
@testable import BelayDrivers

@Suite("The contract where others write at the same time: the engine's own account decides")
struct EvidenceTests {
  // MARK: A small database

  /// One table, "posts", of 10 rows, as it was and as it is.
  private struct Scene {
    var actions: WriteActions = []
    /// Rows and digest at the end.
    var now: (UInt64, String) = (10, "a")
    var counts = Evidence.WriteCounts()
    var directives = ""
    var columns = ["id"]
    var parent = ""
  }

  private static func footprint(
    _ table: String, storage: String = "1", blocks: TableFootprint.Blocked = .nothing, inserted: Int64 = 0,
    updated: Int64 = 0, deleted: Int64 = 0
  ) -> TableFootprint {
    TableFootprint(
      schema: "", table: table, lock: nil, blocks: blocks, storage: storage, inserted: inserted, updated: updated,
      deleted: deleted)
  }

  private static func state(_ rows: UInt64, _ digest: String, columns: [String], parent: String = "") -> DatabaseState {
    DatabaseState(
      catalog: Catalog(
        objects: [SchemaObject(kind: "table", name: "posts", parent: parent, definition: "posts")]
          + columns.map { SchemaObject(kind: "column", name: $0, parent: "posts", definition: "int") }),
      tables: [TableName(name: "posts"): TableState(rows: rows, digest: digest)])
  }

  private func judge(_ scene: Scene, othersMayWrite: Bool = true, mode: ContractMode = .collateral) throws
    -> Contract.Verdict
  {
    let folder = try TemporaryFolder()
    let file = try MigrationFile(try folder.write("SELECT 1;\n\(scene.directives)\n", to: "1.sql"))
    let statement = Statement(
      offset: 0, length: 9, line: 1, flags: [],
      writes: scene.actions.isEmpty ? [] : [ScriptWrite(kind: "table", name: "posts", actions: scene.actions)],
      sql: "SELECT 1")
    let evidence = Evidence(
      from: [Self.footprint("posts", deleted: 1)],
      to: [
        Self.footprint(
          "posts", storage: scene.counts.isRewritten ? "2" : "1",
          blocks: scene.counts.isRewritten ? .everything : .nothing,
          inserted: scene.counts.inserted, updated: scene.counts.updated, deleted: 1 + scene.counts.deleted)
      ])
    return Contract(mode: mode, ownTables: [], allowLoss: []).judge(
      before: Self.state(10, "a", columns: ["id"], parent: scene.parent),
      after: Self.state(scene.now.0, scene.now.1, columns: scene.columns, parent: scene.parent),
      intent: Intent(
        statements: [statement], allowLoss: file.directives.allowLoss, allowChange: file.directives.allowChange),
      evidence: evidence,
      othersMayWrite: othersMayWrite)
  }

  // MARK: Whose rows

  @Test(
    "rows that others wrote are no breach, and rows that the migration lost are one",
    arguments: [
      // What happened, what the contract says, whether others are named.
      (Scene(now: (7, "x")), [], true),
      (Scene(now: (12, "x")), [], true),
      (Scene(now: (10, "x"), counts: .init(updated: 2)), ["collateral-change"], false),
      (Scene(now: (12, "x"), counts: .init(inserted: 2)), ["collateral-change"], false),
      (Scene(now: (8, "x"), counts: .init(deleted: 2)), ["collateral-loss"], false),
      // Others made up for what the migration lost: it is lost all the same.
      (Scene(now: (15, "x"), counts: .init(deleted: 2)), ["collateral-loss"], true),
      (Scene(actions: .update, now: (7, "x"), counts: .init(updated: 3)), [], true),
      (Scene(actions: .insert, now: (11, "x"), counts: .init(inserted: 2, deleted: 1)), ["rebuild-loss"], false),
      (Scene(actions: .delete, now: (5, "x"), counts: .init(deleted: 5)), [], false),
      (
        Scene(now: (8, "x"), counts: .init(deleted: 2), directives: "-- belay: allow-loss posts"), ["collateral-loss"],
        false
      ),
      (Scene(now: (10, "x"), counts: .init(updated: 2), directives: "-- belay: allow-change posts"), [], false),
      // Written, and undone within the migration: equal rows are equal rows.
      (Scene(now: (10, "a"), counts: .init(deleted: 2)), [], false),
      // Others cannot have written to what is made anew under a lock.
      (Scene(now: (9, "x"), counts: .init(isRewritten: true)), ["collateral-loss"], false),
      (
        Scene(actions: [.drop, .create, .alter], now: (9, "x"), counts: .init(isRewritten: true)), ["rebuild-loss"],
        false
      ),
      (Scene(actions: .alter, now: (10, "x"), counts: .init(isRewritten: true)), [], false),
      // A column that a cascade took, with its rows untouched.
      (Scene(now: (12, "x"), columns: []), ["collateral-change"], true),
    ] as [(Scene, [String], Bool)])
  private func whose(scene: Scene, rules: [String], others: Bool) throws {
    let verdict = try judge(scene)
    #expect(verdict.findings.map(\.rule) == rules)
    #expect(verdict.others.isEmpty == !others)
    let isBreach = !rules.isEmpty && scene.directives.isEmpty
    #expect(verdict.holds == !isBreach)
  }

  @Test("what the migration did is reported without what others did")
  func delta() throws {
    let verdict = try judge(Scene(actions: .delete, now: (40, "x"), counts: .init(inserted: 1, deleted: 4)))
    #expect(verdict.deltas == [TableDelta(table: TableName(name: "posts"), before: 10, after: 7, change: .intended)])
    #expect(try judge(Scene(now: (12, "x"))).deltas.isEmpty)
  }

  @Test("strict wants a DELETE declared whatever others added")
  func strict() throws {
    let scene = Scene(actions: .delete, now: (12, "x"), counts: .init(deleted: 4))
    #expect(try judge(scene, mode: .strict).findings.map(\.message) == ["lost 4 of 10 rows"])
  }

  @Test("where nobody else writes, the rows decide, and rows that came do not make up for rows that went")
  func alone() throws {
    #expect(try judge(Scene(now: (7, "x")), othersMayWrite: false).findings.map(\.rule) == ["collateral-loss"])
    let masked = Scene(actions: .insert, now: (15, "x"), counts: .init(inserted: 7, deleted: 2))
    #expect(try judge(masked, othersMayWrite: false).findings.map(\.rule) == ["rebuild-loss"])
  }

  @Test("another storage without a lock is others' doing")
  func storageOfOthers() {
    let evidence = Evidence(from: [Self.footprint("posts")], to: [Self.footprint("posts", storage: "2")])
    #expect(evidence[TableName(name: "posts")] == Evidence.WriteCounts())
  }

  // MARK: Parts of a table

  @Test("an UPDATE of a table may move rows from one of its parts to another, but not lose them")
  func parts() throws {
    func state(_ old: UInt64, _ new: UInt64) -> DatabaseState {
      let parts = ["posts_old", "posts_new"]
      return DatabaseState(
        catalog: Catalog(
          objects: [SchemaObject(kind: "table", name: "posts", flags: .noRows)]
            + parts.map { SchemaObject(kind: "table", name: $0, parent: "posts") }),
        tables: [
          TableName(name: "posts_old"): TableState(rows: old, digest: "\(old)"),
          TableName(name: "posts_new"): TableState(rows: new, digest: "\(new)"),
        ])
    }
    let statement = Statement(
      offset: 0, length: 9, line: 1, flags: [], writes: [ScriptWrite(kind: "table", name: "posts", actions: .update)],
      sql: "SELECT 1")
    let intent = Intent(statements: [statement])
    let contract = Contract(mode: .collateral, ownTables: [], allowLoss: [])
    #expect(contract.judge(before: state(10, 0), after: state(6, 4), intent: intent).holds)
    #expect(!contract.judge(before: state(10, 0), after: state(6, 3), intent: intent).holds)
  }

  // MARK: What must be read

  @Test(
    "only what the transaction touched is read again",
    arguments: [
      ("posts", false), ("written", true), ("rewritten", true), ("new", true), ("altered", true), ("untold", true),
      ("engine", false),
    ])
  func touched(table: String, isRead: Bool) {
    let names = ["posts", "written", "rewritten", "altered", "untold", "engine"]
    func catalog(_ names: [String], altered: String) -> Catalog {
      Catalog(
        objects: names.flatMap {
          [
            SchemaObject(kind: "table", name: $0, flags: $0 == "engine" ? .internal : []),
            SchemaObject(kind: "column", name: "id", parent: $0, definition: $0 == "altered" ? altered : "int"),
          ]
        })
    }
    let told = ["posts", "written", "rewritten", "altered"]
    let evidence = Evidence(
      from: told.map { Self.footprint($0) },
      to: [
        Self.footprint("posts"), Self.footprint("written", inserted: 1),
        Self.footprint("rewritten", storage: "2", blocks: .everything), Self.footprint("altered", blocks: .everything),
        Self.footprint("new", storage: "9"),
      ])
    let touched = evidence.touched(
      before: catalog(names, altered: "int"), after: catalog(names + ["new"], altered: "bigint"))
    #expect(touched.contains(TableName(name: table)) == isRead)
  }

  // MARK: Beyond what a statement writes itself

  /// One statement and what the engine counts of the table posts; what of it is beyond: rows deleted, rows changed.
  private struct Taken {
    /// What the statement names, and as what: "posts", "users".
    var names: [(String, WriteActions)] = []
    var flags: StatementFlags = []
    /// As many rows as it told its client.
    var rows: Int?
    var counted = WrittenRows()
    var own: WrittenRows?
    var parent = ""
    var isEmptied = false
  }

  @Test(
    "what a statement does to a table beyond its own rows is told apart",
    arguments: [
      // A cascade from a table that it names to one that it does not.
      (Taken(names: [("users", .delete)], rows: 1, counted: .init(deleted: 2)), 2, 0),
      (Taken(names: [("users", .delete)], rows: 1, counted: .init(updated: 2)), 0, 2),
      // The engine tells its own rows, or the client was told how many.
      (Taken(names: [("posts", .delete)], counted: .init(deleted: 3), own: .init(deleted: 1)), 2, 0),
      (Taken(names: [("posts", .delete)], rows: 1, counted: .init(deleted: 3)), 2, 0),
      (Taken(names: [("posts", .delete)], rows: 3, counted: .init(deleted: 3)), 0, 0),
      (Taken(names: [("posts", .delete)], counted: .init(deleted: 3)), 0, 0),
      // It writes two tables: how many rows of which is not known.
      (Taken(names: [("posts", .delete), ("users", .insert)], rows: 1, counted: .init(deleted: 3)), 0, 0),
      (Taken(names: [("posts", [.insert, .delete])], rows: 1, counted: .init(inserted: 1, deleted: 3)), 0, 0),
      // A trigger fills in what was written; or it deletes.
      (Taken(names: [("posts", .update)], rows: 1, counted: .init(updated: 2)), 0, 0),
      (Taken(names: [("posts", .insert)], counted: .init(inserted: 1, updated: 1), own: .init(inserted: 1)), 0, 0),
      (Taken(names: [("posts", .insert)], counted: .init(inserted: 1, deleted: 1), own: .init(inserted: 1)), 1, 0),
      (Taken(names: [("posts", .insert)], rows: 1, counted: .init(inserted: 1, deleted: 1)), 1, 0),
      // What it names sets NULL in its own table.
      (Taken(names: [("posts", .delete)], counted: .init(updated: 1, deleted: 1), own: .init(deleted: 1)), 0, 1),
      // Nobody could read it: it may change anything, and delete nothing.
      (Taken(flags: .unread, counted: .init(updated: 4)), 0, 0),
      (Taken(flags: .unread, counted: .init(deleted: 4)), 4, 0),
      // A row moves from one part of a table to another.
      (Taken(names: [("posts", .update)], rows: 1, counted: .init(deleted: 1), parent: "all_posts"), 0, 0),
      (Taken(names: [("all_posts", .delete)], rows: 1, counted: .init(deleted: 1), parent: "all_posts"), 0, 0),
    ] as [(Taken, Int64, Int64)])
  private func beyond(taken: Taken, deleted: Int64, changed: Int64) {
    let beyond = Self.beyond(taken)
    #expect(beyond?.deleted ?? 0 == deleted)
    #expect(beyond?.changed ?? 0 == changed)
    #expect(beyond?.places == (deleted + changed > 0 ? ["1.sql, line 3"] : nil))
  }

  @Test("a table that is emptied by a statement that does not name it was taken along")
  func emptied() {
    #expect(Self.beyond(Taken(names: [("users", .delete)], isEmptied: true))?.isRewritten == true)
    #expect(Self.beyond(Taken(names: [("posts", .delete), ("users", .delete)], isEmptied: true)) == nil)
  }

  private static func beyond(_ taken: Taken) -> Evidence.Beyond? {
    let statement = Statement(
      offset: 0, length: 9, line: 3, flags: taken.flags,
      writes: taken.names.map { ScriptWrite(kind: "table", name: $0.0, actions: $0.1) }, sql: "SELECT 1")
    var now = footprint(
      "posts", storage: taken.isEmptied ? "2" : "1", blocks: taken.isEmptied ? .everything : .nothing,
      inserted: taken.counted.inserted, updated: taken.counted.updated, deleted: taken.counted.deleted)
    now.own = taken.own
    var evidence = Evidence()
    evidence.add(
      [RanStatement(place: "1.sql, line 3", statement: statement, rows: taken.rows)], from: [footprint("posts")],
      to: [now], tables: state(10, "a", columns: ["id"], parent: taken.parent).catalog.tables)
    return evidence.beyond[TableName(name: "posts")]
  }

  @Test("one that only the evidence speaks of is judged by it: nothing was read")
  func unread() throws {
    let rows = Self.state(10, "a", columns: ["id"])
    func verdict(
      _ now: TableFootprint, rows after: UInt64 = 10, columns: [String] = ["id"], equal: Set<TableName> = [],
      altered: Set<TableName> = []
    ) -> Contract.Verdict {
      Contract(mode: .collateral, ownTables: [], allowLoss: []).judge(
        before: rows, after: Self.state(after, "a", columns: columns), intent: Intent(),
        evidence: Evidence(from: [Self.footprint("posts")], to: [now]), othersMayWrite: true,
        rehearsed: RehearsedTables(equal: equal, altered: altered))
    }
    #expect(verdict(Self.footprint("posts")).deltas.isEmpty)
    #expect(verdict(Self.footprint("posts", updated: 1)).findings.map(\.rule) == ["collateral-change"])
    #expect(verdict(Self.footprint("posts", deleted: 1), rows: 9).findings.map(\.rule) == ["collateral-loss"])
    // On the copy it held the same rows in the end.
    let same: Set = [TableName(name: "posts")]
    #expect(verdict(Self.footprint("posts", inserted: 1, deleted: 1), equal: same).deltas.isEmpty)
    #expect(verdict(Self.footprint("posts", storage: "2", blocks: .everything), equal: same).deltas.isEmpty)
    #expect(!verdict(Self.footprint("posts", deleted: 1), rows: 9, equal: same).holds)
    let emptied = verdict(Self.footprint("posts", storage: "2", blocks: .everything), rows: 0)
    #expect(emptied.findings.map(\.message).first?.hasPrefix("lost 10 of 10 rows") == true)
    // Columns that the change did not touch on the copy are others' doing.
    let other = verdict(Self.footprint("posts"), columns: ["id", "more"])
    #expect(other.deltas.isEmpty && other.holds)
    #expect(!verdict(Self.footprint("posts"), columns: ["id", "more"], altered: same).holds)
  }
}
