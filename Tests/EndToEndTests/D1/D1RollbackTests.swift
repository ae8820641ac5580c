import DriverTesting
import Foundation
import Testing

@Suite("belay rollback on D1")
struct D1RollbackTests {
  /// Migrated, and written to since.
  private func changedShop() throws -> (shop: D1Workspace, before: String, id: String) {
    let shop = try D1Workspace(config: "formats: [native]\n")
    let before = try shop.content()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\nDELETE FROM orders WHERE id < 11;")
    let run = try shop.belay("migrate", "shop", "--yes")
    try #require([0, 3].contains(run.status), "\(run)")
    try shop.database.sql("INSERT INTO log VALUES ('later', 'by others')")
    return (shop, before, try shop.latest())
  }

  @Test("goes back to the backup's own bookmark, and forth again; the plan says so before")
  func backAndForth() throws {
    let (shop, before, id) = try changedShop()
    let now = try shop.content()
    let manifest = try shop.manifest(id)
    let bookmark = try #require(try shop.database.bookmarks().first(where: manifest.contains), "\(manifest)")
    let plan = try shop.belay("rollback", id)
    #expect(plan.status == 12 && plan.errors.contains("to the bookmark \(bookmark)"), "\(plan)")
    #expect(try shop.content() == now)
    let run = try shop.belay("rollback", id, "--yes", "--confirm", try shop.code(for: id))
    #expect(run.status == 0 && run.errors.contains("the engine's own rewind"), "\(run)")
    #expect(try shop.content() == before)
    #expect(try shop.account.counts()["restore"] == 1)
    let safety = String(try #require(run.lastLine.split(separator: " ").dropFirst(2).first, "\(run)"))
    let undo = try shop.belay("rollback", safety, "--yes", "--confirm", try shop.code(for: safety))
    #expect(undo.status == 0, "\(undo)")
    #expect(try shop.content() == now)
    #expect(try shop.account.counts()["restore"] == 2)
    #expect(try shop.remains() == [])
  }

  @Test(
    "what Time Travel does not reach any more is said in the plan, and the backup is imported", arguments: [8.0, 31.0])
  func tooOld(days: Double) throws {
    let (shop, before, id) = try changedShop()
    try shop.account.set(["travel_days": days < 30 ? 7 : 30])
    try shop.account.advanceClock(seconds: days * 86_400)
    let plan = try shop.belay("rollback", id)
    #expect(plan.status == 12 && plan.errors.contains("does not reach back that far"), "\(plan)")
    let run = try shop.belay("rollback", id, "--yes", "--confirm", try shop.code(for: id))
    #expect(run.status == 0 && run.errors.contains("the native dump restored in place"), "\(run)")
    #expect(try shop.content() == before)
    #expect(try shop.account.counts()["restore", default: 0] == 0)
    #expect(try shop.remains() == [])
  }

  @Test("going back that D1 refuses is done by the next way", arguments: [FakeD1Fault.Kind.status, .cut])
  func refused(kind: FakeD1Fault.Kind) throws {
    let (shop, before, id) = try changedShop()
    let code = try shop.code(for: id)
    try shop.account.arm(FakeD1Fault(kind, .restore, times: nil))
    let run = try shop.belay("rollback", id, "--yes", "--confirm", code)
    #expect(run.status == 0 && run.errors.contains("this rollback method failed: the engine's own rewind"), "\(run)")
    #expect(try shop.content() == before)
    #expect(try shop.remains() == [])
  }

  @Test("going back that is answered, and did nothing, is found out")
  func unmoved() throws {
    let (shop, before, id) = try changedShop()
    // Only rows differ, which could be others'.
    try shop.database.sql("DROP TABLE tags; DROP TABLE d1_migrations; DROP TABLE belay_migrations")
    let code = try shop.code(for: id)
    // Somebody undoes it in the same moment.
    try shop.account.arm(
      FakeD1Fault(
        .write, .restore,
        details: [
          "when": "after", "sql": "DELETE FROM orders WHERE id < 11; INSERT INTO log VALUES ('later', 'by others')",
        ]))
    let run = try shop.belay("rollback", id, "--yes", "--confirm", code)
    #expect(run.status == 0 && run.errors.contains("but the database was not rewound"), "\(run)")
    #expect(try shop.content() == before)
  }
}

extension D1Workspace {
  /// What a rollback's plan asks for.
  func code(for id: String) throws -> String {
    let plan = try belay("rollback", id)
    return String(try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)").0)
  }

  func manifest(_ id: String) throws -> String {
    try Program.run("/usr/bin/env", ["tar", "xOf", "backups/\(id).tar", "manifest.json"], in: folder).output
  }
}
