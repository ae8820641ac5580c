import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import CoreTesting
import SystemPackage
import Testing

@testable import BelayChange

@Suite("The contract: what a migration's own statements name and write may change, and nothing else")
struct ContractTests {
  // MARK: A small database

  private static func object(_ kind: String, _ name: String, parent: String = "", flags: ObjectFlags = [])
    -> SchemaObject
  {
    SchemaObject(
      kind: kind, schema: "", name: name, parent: parent, nativeType: "", definition: "\(kind) \(name)", ddl: "",
      flags: flags, rowEstimate: nil)
  }

  private static func state(
    _ rows: [(String, UInt64, String)], objects: [SchemaObject] = [], flags: ObjectFlags = []
  ) -> DatabaseState {
    let tables = rows.flatMap { [object("table", $0.0, flags: flags), object("column", "id", parent: $0.0)] }
    return DatabaseState(
      catalog: Catalog(objects: tables + objects),
      tables: Dictionary(
        uniqueKeysWithValues: rows.map { (TableName(name: $0.0), TableState(rows: $0.1, digest: $0.2)) }))
  }

  private static func file(_ writes: [ScriptWrite], directives: String = "", flags: StatementFlags = []) throws
    -> Intent
  {
    let folder = try TemporaryFolder()
    let file = try MigrationFile(try folder.write("SELECT 1;\n\(directives)\n", to: "1.sql"))
    let statement = Statement(
      offset: 0, length: 9, line: 1, flags: flags, writes: writes, note: nil, sql: "SELECT 1")
    let names = DeclaredNames(catalog: Catalog(), statements: [statement])
    return SQLFilePart(
      planned: PlannedFile(
        file: file, opening: [], statements: [statement],
        declared: DeclaredLosses(file, allowLoss: [], names: names)), isOneCall: false,
      history: PlainHistory(table: nil)
    ).intent
  }

  private func judge(
    _ before: DatabaseState, _ after: DatabaseState, _ intent: Intent, mode: ContractMode = .collateral
  ) -> Contract.Verdict {
    Contract(mode: mode, ownTables: ["belay_migrations"], allowLoss: []).judge(
      before: before, after: after, intent: intent)
  }

  private func table(_ name: String, _ actions: WriteActions) -> ScriptWrite {
    ScriptWrite(kind: "table", name: name, actions: actions)
  }

  private let before = Self.state([("posts", 10, "a"), ("comments", 50, "b")])

  // MARK: Rows

  @Test("nothing changed, nothing to say")
  func unchanged() throws {
    let verdict = judge(before, before, try Self.file([table("posts", .insert)]))
    #expect(verdict.holds)
    #expect(verdict.deltas.isEmpty)
  }

  @Test("rows that a DELETE names may go")
  func namedDelete() throws {
    let after = Self.state([("posts", 4, "x"), ("comments", 50, "b")])
    let verdict = judge(before, after, try Self.file([table("posts", .delete)]))
    #expect(verdict.holds)
    #expect(verdict.deltas == [TableDelta(table: TableName(name: "posts"), before: 10, after: 4, change: .intended)])
  }

  @Test("child rows that a cascade took are found, with their table and number")
  func cascade() throws {
    let after = Self.state([("posts", 10, "a"), ("comments", 0, "0")])
    let rebuild = try Self.file([table("posts", [.drop, .create, .alter, .insert])])
    let verdict = judge(before, after, rebuild)
    #expect(!verdict.holds)
    let finding = try #require(verdict.findings.first)
    #expect(finding.subject == "table comments")
    #expect(
      finding.message
        == "lost 50 of 50 rows, though no statement names it, but posts is dropped: look for a cascade or a trigger"
    )
  }

  @Test("a rebuild that loses rows of its own table is a loss, though it names the table")
  func rebuild() throws {
    let after = Self.state([("posts", 9, "x"), ("comments", 50, "b")])
    let verdict = judge(before, after, try Self.file([table("posts", [.drop, .create, .alter, .insert])]))
    #expect(verdict.findings.map(\.rule) == ["rebuild-loss"])
    #expect(!verdict.holds)
  }

  @Test("a change by a trigger is collateral, and allow-change declares it")
  func trigger() throws {
    let after = Self.state([("posts", 10, "x"), ("comments", 51, "y")])
    #expect(!judge(before, after, try Self.file([table("posts", .update)])).holds)
    let declared = try Self.file([table("posts", .update)], directives: "-- belay: allow-change comments")
    #expect(judge(before, after, declared).holds)
  }

  @Test("allow-change does not allow rows to go; allow-loss does")
  func declaredLoss() throws {
    let after = Self.state([("posts", 10, "a"), ("comments", 49, "y")])
    let change = try Self.file([table("posts", .update)], directives: "-- belay: allow-change comments")
    #expect(!judge(before, after, change).holds)
    let loss = try Self.file([table("posts", .update)], directives: "-- belay: allow-loss comments")
    let verdict = judge(before, after, loss)
    #expect(verdict.holds)
    #expect(verdict.findings.map(\.severity) == [.note])
  }

  @Test("a table that vanishes unnamed is a loss; one that is dropped is meant")
  func vanished() throws {
    let after = Self.state([("posts", 10, "a")])
    #expect(!judge(before, after, try Self.file([table("posts", .update)])).holds)
    #expect(judge(before, after, try Self.file([table("comments", .drop)])).holds)
  }

  @Test("strict wants every loss declared, also the named ones")
  func strict() throws {
    let after = Self.state([("posts", 4, "x"), ("comments", 50, "b")])
    #expect(!judge(before, after, try Self.file([table("posts", .delete)]), mode: .strict).holds)
    let declared = try Self.file([table("posts", .delete)], directives: "-- belay: allow-loss posts")
    #expect(judge(before, after, declared, mode: .strict).holds)
    let dropped = Self.state([("posts", 10, "a")])
    #expect(!judge(before, dropped, try Self.file([table("comments", .drop)]), mode: .strict).holds)
  }

  @Test("belay's ledger and the engine's own tables change freely")
  func own() throws {
    let was = Self.state([("belay_migrations", 1, "a")])
    let now = Self.state([("belay_migrations", 2, "b")])
    #expect(judge(was, now, try Self.file([])).deltas.isEmpty)
    let kept = Self.state([("sqlite_sequence", 1, "a")], flags: .internal)
    let moved = Self.state([("sqlite_sequence", 1, "b")], flags: .internal)
    #expect(judge(kept, moved, try Self.file([])).holds)
  }

  @Test("the storage of a virtual table changes without being named, and must not vanish")
  func shadow() throws {
    let was = Self.state([("notes_data", 9, "a")], flags: .shadow)
    #expect(judge(was, Self.state([("notes_data", 7, "b")], flags: .shadow), try Self.file([])).holds)
    #expect(!judge(was, Self.state([]), try Self.file([])).holds)
  }

  @Test("a statement that could not be read may change anything, and lose nothing")
  func opaque() throws {
    let changed = Self.state([("posts", 10, "x"), ("comments", 60, "y")])
    #expect(judge(before, changed, try Self.file([], flags: .unread)).holds)
    let shrunk = Self.state([("posts", 10, "a"), ("comments", 20, "y")])
    #expect(!judge(before, shrunk, try Self.file([], flags: .unread)).holds)
    let gone = Self.state([("posts", 10, "a")])
    #expect(!judge(before, gone, try Self.file([], flags: .unread)).holds)
    #expect(judge(before, gone, try Self.file([], directives: "-- belay: allow-loss comments", flags: .unread)).holds)
  }

  // MARK: Objects

  @Test("an index that a rebuild loses is found; one that goes with its table is not")
  func index() throws {
    let index = Self.object("index", "posts_by_title", parent: "posts")
    let was = Self.state([("posts", 10, "a")], objects: [index])
    let rebuilt = Self.state([("posts", 10, "a")])
    let verdict = judge(was, rebuilt, try Self.file([table("posts", [.drop, .create, .alter])]))
    #expect(verdict.findings.map(\.subject) == ["index posts.posts_by_title"])
    #expect(!verdict.holds)
    let gone = DatabaseState(catalog: Catalog(objects: []), tables: [:])
    #expect(judge(was, gone, try Self.file([table("posts", .drop)])).holds)
  }

  // MARK: Objects under other names

  private func index(_ name: String, _ definition: String, parent: String = "posts", id: String = "") -> SchemaObject {
    SchemaObject(kind: "index", name: name, parent: parent, definition: definition, id: id)
  }

  private func lost(_ before: [SchemaObject], _ after: [SchemaObject], _ writes: [ScriptWrite]) throws -> [String] {
    let rows: [(String, UInt64, String)] = [("posts", 10, "a")]
    return judge(Self.state(rows, objects: before), Self.state(rows, objects: after), try Self.file(writes)).findings
      .filter { $0.severity == .error }.map { "\($0.subject): \($0.hint ?? "")" }
  }

  @Test("what a rebuild leaves out of a column's definition, where the engine could take it away without one")
  func conditions() throws {
    let rebuild = try Self.file([table("posts", [.drop, .create, .alter, .insert])])
    let alter = try Self.file([table("posts", .alter)])
    let both: ObjectFlags = [.notNull, .hasDefault]
    // The column's flags before and after, what is added, and what is lost.
    let cases: [(ObjectFlags, ObjectFlags, [SchemaObject], String?)] = [
      (.notNull, [], [], "NOT NULL"), (both, [], [], "NOT NULL and its default"), (.isChecked, .notNull, [], "CHECK"),
      (both, both, [], nil), ([], both, [], nil), (.notNull, .primaryKey, [], nil),
      ([.primaryKey, .notNull], [], [], nil),
      (.isChecked, [], [Self.object("check", "c", parent: "posts")], nil),
      (.isChecked, [], [Self.object("constraint", "c", parent: "posts")], nil),
      (.isChecked, [], [Self.object("check", "c", parent: "comments")], "CHECK"),
      (.hasDefault, [], [Self.object("default", "a", parent: "posts")], nil),
    ]
    for (was, now, added, lost) in cases {
      let before = Self.state([("posts", 1, "a")], objects: [Self.object("column", "a", parent: "posts", flags: was)])
      let after = Self.state(
        [("posts", 1, "a")], objects: [Self.object("column", "a", parent: "posts", flags: now)] + added)
      func findings(_ intent: Intent, altersColumns: Bool = true) -> [Finding] {
        Contract(mode: .collateral, ownTables: [], allowLoss: [], altersColumns: altersColumns)
          .judge(before: before, after: after, intent: intent).findings
      }
      #expect(
        findings(rebuild).map(\.message) == (lost.map { ["lost its \($0) when its table was made anew"] } ?? []),
        "\(was) \(now)")
      #expect(findings(rebuild).allSatisfy { $0.severity == .error && $0.subject == "column posts.a" })
      #expect(findings(alter).isEmpty && findings(rebuild, altersColumns: false).isEmpty)
      let declared = try Self.file(
        [table("posts", [.drop, .create, .alter, .insert])], directives: "-- belay: allow-loss posts")
      #expect(findings(declared).allSatisfy { $0.severity == .note })
    }
  }

  @Test("what a rebuild has made again under a name that the engine chose is not lost; each stands for one")
  func twins() throws {
    let rebuild = [table("posts", [.drop, .create, .alter])]
    let was = [index("v", "CREATE INDEX v ON posts (v)"), index("w", "CREATE INDEX w ON posts (w)")]
    #expect(
      try lost(
        was, [index("n_v", "CREATE INDEX n_v ON posts (v)"), index("n", "CREATE INDEX n ON posts (w)")], rebuild)
        == [])
    let one = try lost(was, [index("n_v", "CREATE INDEX n_v ON posts (v)")], rebuild)
    #expect(one.count == 1 && one[0].hasPrefix("index posts.w: create it again after the rebuild"))
    let same = [index("a", "CREATE INDEX a ON posts (v)"), index("b", "CREATE INDEX b ON posts (v)")]
    #expect(try lost(same, [index("c", "CREATE INDEX c ON posts (v)")], rebuild).count == 1)
    #expect(try lost(was, [index("n", "CREATE INDEX n ON posts (x)")], rebuild).count == 2)
    #expect(
      try lost(
        [index("odd \"x\"", "CREATE INDEX \"odd \"\"x\"\"\" ON posts (v); COMMENT ON INDEX \"odd \"\"x\"\"\"")],
        [index("y", "CREATE INDEX y ON posts (v); COMMENT ON INDEX y")], rebuild) == [])
  }

  @Test("without a rebuild the hint speaks of none")
  func notRebuilt() throws {
    let gone = try lost([index("v", "CREATE INDEX v ON posts (v)")], [], [table("posts", .alter)])
    #expect(gone.count == 1 && gone[0].hasPrefix("index posts.v: create it again, if it is not to go"))
  }

  @Test("what the engine knows by its own mark is found under another name, whoever has renamed it")
  func marked() throws {
    let (old, new) = (index("v", "a", id: "7"), index("w", "b", id: "7"))
    #expect(try lost([old], [new], []) == [])
    #expect(try lost([old], [index("w", "b", id: "8")], []).count == 1)
    func state(_ name: String, _ rows: UInt64) -> DatabaseState {
      var state = Self.state([(name, rows, "a")])
      state.catalog.objects[0].id = "9"
      return state
    }
    #expect(judge(state("posts", 10), state("articles", 10), try Self.file([], flags: .unread)).holds)
    let fewer = judge(state("posts", 10), state("articles", 4), try Self.file([], flags: .unread))
    #expect(fewer.findings.map(\.rule) == ["collateral-loss"])
  }

  @Test("what is told in its parent's definition can be lost by itself; what is outside a dump cannot")
  func grants() throws {
    let grant = SchemaObject(kind: "grant", name: "reader", parent: "posts", definition: "SELECT", flags: .toldTwice)
    let other = SchemaObject(kind: "grant", name: "reader", parent: "log", definition: "SELECT", flags: .toldTwice)
    let role = SchemaObject(kind: "role", name: "reader", flags: .outsideDump)
    let gone = try lost([grant, role], [other], [])
    #expect(gone.count == 1 && gone[0].hasPrefix("grant posts.reader"))
    let named = ScriptWrite(kind: "grant", name: "reader", parent: "posts", actions: .drop)
    #expect(try lost([grant], [], [named]) == [])
    let elsewhere = ScriptWrite(kind: "grant", name: "reader", parent: "log", actions: .drop)
    #expect(try lost([grant], [], [elsewhere]).count == 1)
    #expect(Self.state([], objects: [grant]).differences(from: Self.state([])) == [])
  }
}
