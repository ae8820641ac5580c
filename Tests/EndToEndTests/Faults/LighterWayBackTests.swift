import DriverTesting
import Foundation
import Testing

@Suite("Ways back other than a restored copy")
struct LighterWayBackTests {
  @Test func `an index that a failed file left is dropped by name, and rows written meanwhile stay`() throws {
    let shop = try Workspace()
    try shop.sqlite("PRAGMA journal_mode=WAL")
    let schema = try shop.sqlite("SELECT * FROM sqlite_schema")
    try shop.migration("1.sql", "-- belay: no-transaction\nCREATE INDEX by_cents ON orders(cents);\nSELECT missing;")
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(run.status == 30, "\(run)")
    #expect(run.errors.contains("dropped again (index orders.by_cents"), "\(run)")
    #expect(try shop.sqlite("SELECT * FROM sqlite_schema") == schema)
    #expect(try shop.listing(shop.store).filter { $0.contains("before-rollback") } == [])
    #expect(try shop.belay("status").status == 0)
  }

  @Test func `recovery drops it by name too, where nothing else has changed`() throws {
    let (shop, model) = (try Workspace(), try Workspace())
    let before = try shop.dump()
    for shop in [shop, model] {
      try shop.migration(
        "1.sql", "-- belay: no-transaction\nCREATE INDEX by_cents ON orders(cents);\nCREATE INDEX by_what ON log(what);"
      )
    }
    try shop.killMigrationBeforeLastStatement(as: model)
    try #require(try shop.sqlite("SELECT count(*) FROM sqlite_schema WHERE name = 'by_cents'") == "1")
    let recovery = try shop.belay("recover")
    #expect(recovery.status == 0, "\(recovery)")
    #expect(recovery.errors.contains("dropped again (index orders.by_cents"), "\(recovery)")
    #expect(try shop.dump() == before)
    #expect(try shop.listing(shop.store).filter { $0.contains("before-recovery") } == [])
  }

  @Test func `rows that others wrote while only an index was made are kept`() throws {
    let shop = try Workspace()
    try shop.sqlite("PRAGMA journal_mode=WAL")
    try shop.migration(
      "1.sql",
      """
      -- belay: no-transaction
      CREATE INDEX by_cents ON orders(cents);
      CREATE UNIQUE INDEX one_each ON log(what);
      """)
    let writer = """
      n=0; (while [ ! -e stop ]; do echo "INSERT INTO log VALUES ('w', 'by others');"; n=$((n+1)); sleep 0.01; done
        echo $n > written) | sqlite3 -cmd '.timeout 10000' shop.db
      """
    let running = try Program.start("/bin/sh", ["-c", writer], in: shop.folder)
    try eventually("the first writes") { try shop.sqlite(".timeout 10000\nSELECT count(*) > 1 FROM log") == "1" }
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    try shop.write("", to: "stop")
    _ = try running.wait()
    #expect(run.status == 30, "\(run)")
    #expect(run.errors.contains("dropped again"), "\(run)")
    let written = try String(contentsOf: shop.folder.appending(path: "written"), encoding: .utf8)
    #expect(try shop.sqlite("SELECT count(*) FROM log") + "\n" == written)
    #expect(try shop.sqlite("SELECT count(*) FROM sqlite_schema WHERE name = 'by_cents'") == "0")
  }

  @Test(
    arguments: [
      "CREATE TABLE tags (name TEXT);\nINSERT INTO tags VALUES (1);", "ALTER TABLE orders ADD COLUMN note;",
      "DELETE FROM orders WHERE id = 1;", "DROP VIEW totals;",
    ])
  func `where more than that has changed the backup is restored`(sql: String) throws {
    let shop = try Workspace()
    let before = try shop.dump()
    try shop.migration("1.sql", "-- belay: no-transaction\n\(sql)\nSELECT missing;")
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(run.status == 30, "\(run)")
    #expect(!run.errors.contains("dropped again"), "\(run)")
    #expect(try shop.dump() == before)
  }

  // MARK: Without scratch databases

  private static let none = ["SWAPS_NO_SCRATCH": "1"]

  @Test func `where no scratch can be made a migration goes back by the dump in place`() throws {
    let shop = try Workspace.swapping()
    let before = try shop.dump()
    try shop.migration("1.sql", "-- belay: no-transaction\nDELETE FROM orders;\nSELECT missing;")
    let run = try shop.belay("migrate", "--yes", environment: Self.none)
    #expect(run.status == 30, "\(run)")
    #expect(run.errors.contains("the native dump restored in place"), "\(run)")
    #expect(run.errors.contains("proven"), "\(run)")
    #expect(try shop.dump() == before)
    #expect(try shop.calls().contains("restore") && !shop.calls().contains("promote"))
    #expect(try shop.beside() == [])
  }

  @Test func `behind the mandatory core alone a migration and a rollback go back by the rows, under belay's own lock`()
    throws
  {
    let shop = try Workspace.plain()
    let before = try shop.dump()
    try shop.migration("1.sql", "-- belay: no-transaction\nDELETE FROM orders;\nSELECT missing;")
    let failed = try shop.belay("migrate", "--yes")
    #expect(failed.status == 30, "\(failed)")
    #expect(failed.errors.contains("schema and rows loaded again"), "\(failed)")
    #expect(try shop.dumpWithoutLocks() == before)
    try shop.migration("1.sql", "-- belay: allow-loss orders\nDELETE FROM orders;")
    let run = try shop.belay("migrate", "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    let back = try shop.rollback(try shop.latest())
    #expect(back.status == 0, "\(back)")
    #expect(try shop.dumpWithoutLocks() == before)
  }

  @Test func `so do rollback and recover`() throws {
    let shop = try Workspace.swapping()
    let before = try shop.dump()
    let backup = try shop.belay("backup", environment: Self.none)
    #expect(backup.status == 0 && backup.output.contains("level read"), "\(backup)")
    let id = try shop.latest()
    try shop.sqlite("DELETE FROM orders")
    let back = try shop.rollback(id, environment: Self.none)
    #expect(back.status == 0, "\(back)")
    #expect(try shop.dump() == before)

    let model = try Workspace.swapping()
    for shop in [shop, model] {
      try shop.migration("1.sql", "-- belay: no-transaction\n-- belay: allow-loss orders\nDELETE FROM orders;")
    }
    try #require(try [0, 3].contains(model.belay("migrate", "--yes", environment: Self.none).status))
    let journal = try String(
      contentsOf: model.store.appending(path: "runs/\(model.latest())/journal.ndjson"), encoding: .utf8)
    let applied = try #require(journal.split(separator: "\n").firstIndex { $0.contains("\"committed\"") })
    _ = try shop.belay(
      "migrate", "--yes", environment: Self.none.merging(["BELAY_FAULT": "kill-both:\(applied):before"]) { $1 })
    try #require(try shop.sqlite("SELECT count(*) FROM orders") == "0")
    let recovery = try shop.belay("recover", environment: Self.none)
    #expect(recovery.status == 0, "\(recovery)")
    #expect(try shop.dump() == before)
  }
}
