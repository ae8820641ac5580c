import BelayArchive
import Testing

@testable import BelayBase
@testable import BelayChange
@testable import BelayDrivers
@testable import BelayRuns

@Suite("What the rehearsal saw of locks and rewrites")
struct ObservationTests {
  private let posts = TableName(name: "posts")

  private func footprint(
    _ lock: String?, _ blocks: TableFootprint.Blocked, storage: String = "1", inserted: Int64 = 0
  ) -> [TableFootprint] {
    [
      TableFootprint(
        schema: "", table: "posts", lock: lock, blocks: blocks, storage: storage, inserted: inserted, updated: 0,
        deleted: 0)
    ]
  }

  @Test("each strength of a lock is reported from its first statement to the end")
  func spells() throws {
    var seen = Observation(footprint(nil, .nothing))
    seen.look(footprint("Row", .nothing, inserted: 3), place: "1.sql, line 1", began: 0)
    seen.look(footprint("Share", .writes, inserted: 3), place: "1.sql, line 2", began: 1)
    seen.look(footprint("Exclusive", .everything, storage: "2"), place: "1.sql, line 3", began: 4)
    seen.look(footprint("Exclusive", .everything, storage: "2"), place: "1.sql, line 4", began: 5)
    let table = try #require(seen.tables(endedAt: 6.5, rows: [posts: 200_000]).first)
    #expect(table.lock == "Exclusive")
    #expect(table.writesBlocked == .init(since: "1.sql, line 2", milliseconds: 5500))
    #expect(table.everythingBlocked == .init(since: "1.sql, line 3", milliseconds: 2500))
    #expect(table.rewritten)
    #expect(table.inserted == 3)
    #expect(table.findings.map(\.rule) == ["long-lock", "rewrite"])
  }

  @Test("a table that was only read, or is new, is not reported")
  func unchanged() {
    var seen = Observation(footprint(nil, .nothing))
    seen.look(
      footprint(nil, .nothing) + [
        TableFootprint(
          schema: "", table: "new", lock: "Exclusive", blocks: .everything, storage: "7", inserted: 9, updated: 0,
          deleted: 0)
      ], place: "1.sql, line 1", began: 0)
    #expect(seen.tables(endedAt: 1, rows: [:]).isEmpty)
  }

  @Test(
    "a warning is for many rows and a long time",
    arguments: [
      (99_999, 2.0, []), (100_000, 0.9, []), (100_000, 2.0, ["long-lock"]),
    ] as [(UInt64, Double, [String])])
  func warning(rows: UInt64, seconds: Double, rules: [String]) throws {
    var seen = Observation(footprint(nil, .nothing))
    seen.look(footprint("Share", .writes), place: "1.sql, line 1", began: 0)
    let table = try #require(seen.tables(endedAt: seconds, rows: [posts: rows]).first)
    #expect(table.findings.map(\.rule) == rules)
    #expect(table.findings.allSatisfy { $0.severity == .warning })
  }
}

@Suite("The schema after a migration, against the rehearsal's")
struct ExpectedSchemaTests {
  private func catalog(_ objects: (String, String)...) -> Catalog {
    Catalog(objects: objects.map { SchemaObject(kind: "table", name: $0.0, definition: $0.1) })
  }

  @Test("what is missing, too much or otherwise is named, and belay's own tables are not")
  func differences() {
    let expected = ExpectedSchema(
      catalog: catalog(("a", "1"), ("b", "1"), ("belay_migrations", "x")),
      ownTables: ["belay_migrations", "belay_lock"])
    #expect(expected.differences(catalog(("b", "1"), ("a", "1"), ("belay_lock", "y"))).isEmpty)
    let found = expected.differences(catalog(("b", "2"), ("c", "1"))).map(Finding.init(notAsRehearsed:))
    #expect(found.map(\.subject) == ["table a", "table b", "table c"])
    #expect(found.allSatisfy { $0.severity == .error })
  }
}
