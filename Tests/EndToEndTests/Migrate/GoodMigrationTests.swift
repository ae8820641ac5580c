import Foundation
import Testing

@Suite("belay migrate, when all goes well")
struct GoodMigrationTests {
  @Test("pending files are applied in order, recorded in the ledger, and the last line is the undo command")
  func applied() throws {
    let shop = try Workspace()
    try shop.migration("0002_vip.sql", "UPDATE customers SET vip = 1 WHERE id <= 3;")
    try shop.migration("0001_column.sql", "ALTER TABLE customers ADD COLUMN vip INTEGER NOT NULL DEFAULT 0;\n")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM customers WHERE vip = 1") == "3")
    let ledger = try shop.sqlite(
      "SELECT name, length(sha256), run_id, duration_ms >= 0 FROM belay_migrations ORDER BY name")
    let id = try shop.latest()
    #expect(ledger == "0001_column.sql|64|\(id)|1\n0002_vip.sql|64|\(id)|1")
    #expect(run.lastLine == "belay rollback \(id)", "\(run)")
    let report = try String(contentsOf: shop.store.appending(path: "runs/\(id)/report.md"), encoding: .utf8)
    #expect(report.contains("belay rollback \(id)"))
    #expect(report.contains("customers"))
  }

  @Test("a database begins as a file of no bytes, and a failure and a rollback lead back to an empty one")
  func fromNothing() throws {
    let shop = try Workspace(schema: "")
    try Data().write(to: shop.database)
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\nSELECT missing;")
    let failing = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(failing.status == 30, "\(failing)")
    #expect(try shop.sqlite("SELECT count(*) FROM sqlite_schema") == "0")
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\nINSERT INTO tags VALUES ('one');")
    let good = try shop.belay("migrate", shop.url, "--yes")
    #expect(good.status == 0, "\(good)")
    #expect(try shop.sqlite("SELECT name FROM tags") == "one")
    let plan = try shop.belay("rollback", "latest")
    let code = String(try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)").0)
    let back = try shop.belay("rollback", "latest", "--yes", "--confirm", code)
    #expect(back.status == 0, "\(back)")
    #expect(try shop.sqlite("SELECT count(*) FROM sqlite_schema") == "0")
  }

  @Test("a second run has nothing to do, and makes no backup")
  func twice() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try #require(try shop.belay("migrate", shop.url, "--yes").status == 0)
    let before = try shop.listing(shop.store).filter { $0.hasSuffix(".tar") }
    let again = try shop.belay("migrate", shop.url, "--yes")
    #expect(again.status == 0)
    #expect(again.output.contains("nothing to apply"))
    #expect(try shop.listing(shop.store).filter { $0.hasSuffix(".tar") } == before)
  }

  @Test("--to stops at a version, by number or by name", arguments: ["2", "0002", "0002_b.sql"])
  func to(version: String) throws {
    let shop = try Workspace()
    for (name, table) in [("0001_a.sql", "a"), ("0002_b.sql", "b"), ("0003_c.sql", "c")] {
      try shop.migration(name, "CREATE TABLE \(table) (x);")
    }
    let run = try shop.belay("migrate", shop.url, "--yes", "--to", version)
    #expect(run.status == 0, "\(run)")
    #expect(try shop.sqlite("SELECT name FROM belay_migrations ORDER BY name") == "0001_a.sql\n0002_b.sql")
  }

  @Test("--plan shows files, writes and counts, and changes nothing at all")
  func plan() throws {
    let shop = try Workspace()
    try shop.migration("1_clean.sql", "DELETE FROM orders WHERE cents < 500;\nCREATE TABLE tags (name TEXT);")
    let bytes = try Data(contentsOf: shop.database)
    let run = try shop.belay("migrate", shop.url, "--plan")
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains("1_clean.sql: 2 statements"), "\(run)")
    #expect(run.output.contains("delete rows of table orders (100 rows now)"), "\(run)")
    #expect(run.output.contains("create table tags"), "\(run)")
    #expect(try Data(contentsOf: shop.database) == bytes)
    #expect(!FileManager.default.fileExists(atPath: shop.store.path))
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: shop.folder.path).sorted() == ["migrations", "shop.db"])
  }

  @Test("a plan does not count the rows of a large table: others may have to wait for that")
  func largeTable() throws {
    let shop = try Workspace()
    try shop.migration("1_more.sql", "UPDATE many SET n = n + 1;")
    for (rows, shown) in [(10_000, "10000 rows now"), (10_001, "more than 10000 rows now")] {
      _ = try shop.sqlite(
        """
        DROP TABLE IF EXISTS many; CREATE TABLE many (n);
        WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < \(rows)) INSERT INTO many SELECT n FROM r
        """)
      let run = try shop.belay("migrate", shop.url, "--plan")
      #expect(run.output.contains("update rows of table many (\(shown))"), "\(run)")
    }
    _ = try shop.sqlite("ANALYZE")
    let run = try shop.belay("migrate", shop.url, "--plan")
    #expect(run.output.contains("update rows of table many (about 10001 rows now)"), "\(run)")
  }

  @Test("a table rebuild with foreign keys off at the top of the file keeps every child row")
  func rebuild() throws {
    let shop = try Workspace()
    try shop.migration(
      "1_rebuild.sql",
      """
      -- SQLite's own procedure for changes that ALTER TABLE cannot make
      PRAGMA foreign_keys=OFF;
      CREATE TABLE customers_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL CHECK (name <> ''), email TEXT);
      INSERT INTO customers_new (id, name, email) SELECT id, name, email FROM customers;
      DROP TABLE customers;
      ALTER TABLE customers_new RENAME TO customers;
      CREATE TRIGGER customer_gone AFTER DELETE ON customers BEGIN
        INSERT INTO log VALUES ('now', 'gone: ' || old.name);
      END;
      """)
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM orders") == "100")
    #expect(try shop.sqlite("SELECT sql LIKE '%CHECK%' FROM sqlite_schema WHERE name = 'customers'") == "1")
  }

  @Test("a file that opts out of the transaction runs statement by statement")
  func noTransaction() throws {
    let shop = try Workspace()
    try shop.migration("1_vacuum.sql", "-- belay: no-transaction\nDELETE FROM log;\nVACUUM;\n")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM belay_migrations") == "1")
  }

  @Test("line ends of Windows and a byte order mark do no harm")
  func windows() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "\u{FEFF}CREATE TABLE a (x);\r\nINSERT INTO a VALUES ('one\r\ntwo');\r\n")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.sqlite("SELECT hex(x) FROM a") == "6F6E650D0A74776F")
  }

  @Test("--json prints one event a line, and one result at the end")
  func json() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE a (x);")
    let run = try shop.belay("migrate", shop.url, "--yes", "--json")
    #expect(run.status == 0, "\(run)")
    let events = try run.output.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }
    let names = events.compactMap { $0["event"] as? String }
    #expect(names.count == events.count)
    #expect(names.filter { $0 == "result" }.count == 1)
    #expect(names.last == "result")
    #expect(events.last?["status"] as? Int == 0)
    let phases = events.compactMap { $0["phase"] as? String }
    #expect(phases == ["preflight", "backup", "verify", "rehearse", "confirm", "apply", "check", "commit"])
  }
}
