import DriverTesting
import Foundation
import Testing

@Suite("belay migrate on D1")
struct D1MigrationTests {
  @Test("a file and its row in wrangler's ledger are one call, and wrangler's own rows count as applied")
  func ledger() throws {
    let shop = try D1Workspace()
    try shop.database.sql(
      """
      CREATE TABLE d1_migrations(
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE,
        applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL);
      INSERT INTO d1_migrations (name) VALUES ('0001_shop.sql');
      """)
    let schema = try shop.database.sql("SELECT sql FROM sqlite_schema WHERE name = 'd1_migrations'")
    try shop.migration("0001_shop.sql", "CREATE TABLE customers (id INTEGER PRIMARY KEY);")
    try shop.migration("0002_tags.sql", "CREATE TABLE tags (name TEXT);\nINSERT INTO tags VALUES ('it''s; new');")
    let plan = try shop.belay("migrate", "shop", "--plan")
    #expect(plan.status == 0 && plan.output.contains("one call"), "\(plan)")
    #expect(plan.output.contains("0002_tags.sql") && !plan.output.contains("0001_shop.sql"), "\(plan)")
    let run = try shop.belay("migrate", "shop", "--yes")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.database.sql("SELECT name FROM tags") == [["'it''s; new'"]])
    #expect(
      try shop.database.sql("SELECT id, name FROM d1_migrations") == [
        ["1", "'0001_shop.sql'"], ["2", "'0002_tags.sql'"],
      ])
    #expect(try shop.database.sql("SELECT sql FROM sqlite_schema WHERE name = 'd1_migrations'") == schema)
    #expect(try shop.database.sql("SELECT name FROM belay_migrations") == [["'0002_tags.sql'"]])
    // The statement and the row went in one call to the database itself.
    let calls = try shop.account.log().filter {
      $0.path.contains(shop.database.id) && $0.body.contains("CREATE TABLE tags")
    }
    #expect(calls.count == 1 && calls.allSatisfy { $0.body.contains("d1_migrations") }, "\(calls.map(\.body))")
    #expect(try shop.others().map(\.name) == [])
    let again = try shop.belay("migrate", "shop", "--yes")
    #expect(again.output.contains("nothing to apply"), "\(again)")
    // What wrangler does next.
    try shop.database.sql("INSERT INTO d1_migrations (name) VALUES ('0003_by_wrangler.sql')")
    try shop.migration("0003_by_wrangler.sql", "SELECT 1;")
    #expect(try shop.belay("migrate", "shop", "--yes").output.contains("nothing to apply"))
    try shop.migration("0002_tags.sql", "CREATE TABLE tags (other TEXT);")
    let changed = try shop.belay("migrate", "shop", "--yes")
    #expect(changed.status == 22 && changed.errors.contains("was changed after it was applied"), "\(changed)")
  }

  @Test("a ledger with a name from wrangler's configuration, and one of belay's own")
  func namedLedger() throws {
    let shop = try D1Workspace(config: "migrations:\n  ledger: applied\n")
    try shop.database.sql(
      """
      CREATE TABLE applied(
        id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE,
        applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL);
      """)
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    #expect(try shop.belay("migrate", "shop", "--yes").status == 0)
    #expect(try shop.database.sql("SELECT id, name FROM applied") == [["1", "'1.sql'"]])
    #expect(try shop.applied() == [])
    let own = try D1Workspace(config: "migrations:\n  ledger: mine\n")
    try own.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    #expect(try own.belay("migrate", "shop", "--yes").status == 0)
    #expect(try own.database.sql("SELECT name FROM mine WHERE length(sha256) = 64") == [["'1.sql'"]])
    #expect(try own.applied() == [])
  }

  /// Runs the migrations and proves that nothing of them is left, in the rehearsal and, without it, on the target.
  private func expectBack(_ shop: D1Workspace, status: Int32, says: [String], travels: Bool = true) throws {
    let before = try shop.content()
    for rehearse in [true, false] {
      let run = try shop.belay("migrate", "shop", "--yes", rehearse ? "--json" : "--no-rehearse")
      #expect(run.status == status, "\(run)")
      for text in says { #expect((run.output + run.errors).contains(text), "\(text) is not in \(run)") }
      #expect(try shop.content() == before, "\(run)")
      #expect(try shop.others().map(\.name) == [], "\(run)")
      guard !rehearse else { continue }
      #expect(run.errors.contains("proven"), "\(run)")
      let journals = try shop.journals()
      #expect(journals.contains("\"marked\"") && journals.contains("\"rewound\"") == travels, "\(run)")
      #expect(run.errors.contains("the engine's own rewind to the bookmark") == travels, "\(run)")
    }
    #expect(try shop.account.counts()["restore", default: 0] == (travels ? 1 : 0))
    #expect(try shop.belay("status").status == 0)
  }

  @Test("if a second file fails, Time Travel returns to the state before, and its undo bookmark is shown")
  func secondFails() throws {
    let shop = try D1Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\nDELETE FROM orders WHERE id < 11;")
    try shop.migration("2.sql", "UPDATE orders SET cents = 0 WHERE id > 50;\n\nINSERT INTO tagz VALUES (1);")
    try expectBack(shop, status: 30, says: ["2.sql, line 3", "no such table: tagz"])
    let report = try shop.latestReport()
    #expect(report.contains("undone by the bookmark"), "\(report)")
  }

  @Test("a first file that fails has done nothing, and nothing is travelled back")
  func firstFails() throws {
    let shop = try D1Workspace()
    try shop.migration("1.sql", "DELETE FROM orders;\nUPDATE customers SET name = NULL WHERE id = 3;")
    try expectBack(shop, status: 30, says: ["NOT NULL constraint failed"], travels: false)
  }

  @Test("a call that kept a part when it failed is put back")
  func part() throws {
    let shop = try D1Workspace(settings: ["query_applies_parts": true])
    try shop.migration("1.sql", "DELETE FROM orders;\nUPDATE customers SET name = NULL WHERE id = 3;")
    try expectBack(shop, status: 30, says: ["NOT NULL constraint failed"])
  }

  @Test("a file by import that fails in its middle is put back")
  func importFails() throws {
    let shop = try D1Workspace()
    try shop.migration(
      "1.sql",
      """
      CREATE TRIGGER paid AFTER UPDATE ON orders BEGIN
        INSERT INTO log VALUES ('now', CASE new.cents WHEN 0 THEN 'free' ELSE 'paid' END);
      END;
      UPDATE orders SET cents = 0 WHERE id < 5;
      UPDATE customers SET name = NULL WHERE id = 3;
      """)
    try expectBack(shop, status: 30, says: ["NOT NULL constraint failed"])
  }

  private static let rebuild = """
    CREATE TABLE customers_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, vip INTEGER);
    INSERT INTO customers_new (id, name, email) SELECT id, name, email FROM customers;
    DROP TABLE customers;
    ALTER TABLE customers_new RENAME TO customers;
    CREATE TRIGGER customer_gone AFTER DELETE ON customers BEGIN
      INSERT INTO log VALUES ('now', 'gone: ' || old.name);
    END;
    """

  @Test("a rebuild that deletes child rows by cascade is put back", arguments: ["PRAGMA defer_foreign_keys=ON;\n", ""])
  func cascade(top: String) throws {
    let shop = try D1Workspace()
    try shop.migration("1.sql", top + Self.rebuild)
    try expectBack(shop, status: 31, says: ["orders", "lost 100 of 100 rows"])
  }

  @Test("a rebuild with foreign keys off at the top keeps every row")
  func rebuild() throws {
    let shop = try D1Workspace()
    try shop.migration("1.sql", "PRAGMA foreign_keys=OFF;\n" + Self.rebuild)
    let run = try shop.belay("migrate", "shop", "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.database.sql("SELECT count(*) FROM orders") == [["100"]])
    #expect(try shop.database.sql("SELECT count(vip), count(*) FROM customers") == [["0", "20"]])
    #expect(try shop.applied() == ["'1.sql'"])
  }

  @Test("a rebuild of a table that nothing refers to keeps every row in one call")
  func plainRebuild() throws {
    let shop = try D1Workspace()
    try shop.migration(
      "1.sql",
      """
      CREATE TABLE orders_new (
        id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE, cents INTEGER,
        paid INTEGER NOT NULL DEFAULT 0);
      INSERT INTO orders_new (id, customer, cents) SELECT id, customer, cents FROM orders;
      DROP TABLE orders;
      ALTER TABLE orders_new RENAME TO orders;
      CREATE INDEX orders_by_customer ON orders(customer);
      """)
    let run = try shop.belay("migrate", "shop", "--yes")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.database.sql("SELECT count(paid), sum(paid) FROM orders") == [["100", "0"]])
    #expect(try shop.account.counts()["import_init", default: 0] == 1, "only the scratch database is imported")
  }

  @Test("Ctrl+C while a file is at D1, which does it or not: as before", arguments: [true, false])
  func interrupted(workDone: Bool) throws {
    let files = { (shop: D1Workspace) throws in
      try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\nDELETE FROM orders WHERE id < 11;")
    }
    let model = try D1Workspace()
    try files(model)
    try #require([0, 3].contains(try model.belay("migrate", "shop", "--yes", "--no-rehearse").status))
    let number = try #require(try model.account.log().firstIndex { $0.body.contains("CREATE TABLE tags") })
    let shop = try D1Workspace()
    try files(shop)
    let before = try shop.content()
    try shop.account.arm(FakeD1Fault(.slow, at: number + 1, workDone: workDone, details: ["seconds": 15]))
    let running = try Program.start(
      Program.belay().path, ["migrate", "shop", "--yes", "--no-rehearse"], in: shop.folder)
    try eventually { try shop.account.counts()["faults", default: 0] > 0 }
    kill(running.process.processIdentifier, SIGINT)
    let run = try running.wait()
    #expect(run.status == 130, "\(run)")
    #expect(try shop.content() == before, "\(run)")
    #expect(try shop.remains() == [], "\(run)")
    #expect(try shop.belay("status").status == 0)
    sleep(16)
    #expect(try shop.content() == before, "nothing of it comes later")
  }

  @Test("outside of one call, where the file says so: statement by statement")
  func statements() throws {
    let shop = try D1Workspace()
    try shop.migration("1.sql", "-- belay: no-transaction\nDELETE FROM log;\nCREATE TABLE tags (name TEXT);")
    let plan = try shop.belay("migrate", "shop", "--plan")
    #expect(plan.output.contains("statement by statement"), "\(plan)")
    #expect(try shop.belay("migrate", "shop", "--yes").status == 0)
    #expect(try shop.applied() == ["'1.sql'"])
    try shop.migration("2.sql", "-- belay: no-transaction\nDELETE FROM orders;\nINSERT INTO nowhere VALUES (1);")
    try expectBack(shop, status: 30, says: ["2.sql, line 3", "nowhere"])
  }

  @Test(
    "transaction control is named with its line before anything is sent", arguments: ["BEGIN", "COMMIT", "SAVEPOINT s"])
  func transactionControl(statement: String) throws {
    let shop = try D1Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\n\n\(statement);\n")
    let before = try shop.database.bookmarks()
    let run = try shop.belay("migrate", "shop", "--yes")
    #expect(run.status == 22 && run.errors.contains("1.sql, line 3"), "\(run)")
    #expect(try shop.database.bookmarks() == before)
    let sent = try shop.account.log().contains { $0.body.contains("tags") }
    #expect(!sent)
  }
}
