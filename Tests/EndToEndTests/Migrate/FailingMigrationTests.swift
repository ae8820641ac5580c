import Foundation
import Testing

@Suite("belay migrate, when something goes wrong: the database is as before")
struct FailingMigrationTests {
  /// Runs the migrations and proves that nothing of them is left, in the rehearsal and, without it, on the target.
  private func expectBack(
    _ shop: Workspace, status: Int32, says: [String], config: String? = nil, _ more: String...
  ) throws {
    if let config { try shop.write(config, to: "belay.yaml") }
    let before = try shop.dump()
    for rehearse in [true, false] {
      var arguments = ["migrate", shop.url, "--yes"] + more
      if !rehearse { arguments.append("--no-rehearse") }
      let run = try Program.run(Program.belay().path, arguments, in: shop.folder)
      #expect(run.status == status, "\(run)")
      for text in says { #expect(run.errors.contains(text), "\(text) is not in \(run)") }
      #expect(try shop.dump() == before)
      #expect(try shop.listing(shop.folder).filter { $0.contains("belay-") || $0.contains("scratch") } == [])
      if !rehearse { #expect(run.errors.contains("proven"), "\(run)") }
    }
    #expect(try shop.belay("status").status == 0)
  }

  @Test("an SQL error in the third statement of the second file")
  func sqlError() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try shop.migration(
      "2.sql", "INSERT INTO tags VALUES ('a');\nDELETE FROM orders;\n\nINSERT INTO tagz\n  VALUES ('b');\n")
    try expectBack(shop, status: 30, says: ["2.sql, line 4", "no such table: tagz"])
  }

  @Test("what fails outside a transaction before it did anything is not restored, so that others lose nothing")
  func nothingTookEffect() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try #require(try shop.belay("migrate", shop.url, "--yes").status == 0)
    try shop.migration("2.sql", "-- belay: no-transaction\nINSERT INTO tagz VALUES (1);")
    try expectBack(shop, status: 30, says: ["2.sql, line 2"])
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(run.errors.contains("nothing of it had taken effect"), "\(run)")
  }

  @Test("a constraint that the rows break")
  func constraint() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "UPDATE orders SET cents = 1;\nCREATE UNIQUE INDEX one ON orders(cents);")
    try expectBack(shop, status: 30, says: ["1.sql, line 2", "UNIQUE constraint failed"])
  }

  @Test("a rebuild under defer_foreign_keys that deletes child rows by cascade, though every check passes")
  func cascade() throws {
    let shop = try Workspace()
    try shop.migration(
      "1_rebuild.sql",
      """
      PRAGMA defer_foreign_keys=ON;
      CREATE TABLE customers_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT, vip INTEGER);
      INSERT INTO customers_new (id, name, email) SELECT id, name, email FROM customers;
      DROP TABLE customers;
      ALTER TABLE customers_new RENAME TO customers;
      CREATE TRIGGER customer_gone AFTER DELETE ON customers BEGIN
        INSERT INTO log VALUES ('now', 'gone: ' || old.name);
      END;
      """)
    try expectBack(shop, status: 31, says: ["table orders", "lost 100 of 100 rows"])
  }

  @Test("foreign keys switched off too late, inside the transaction, lose the child rows too")
  func offTooLate() throws {
    let shop = try Workspace()
    try shop.migration(
      "1_rebuild.sql",
      """
      CREATE TABLE customers_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);
      PRAGMA foreign_keys=OFF;
      INSERT INTO customers_new SELECT * FROM customers;
      DROP TABLE customers;
      ALTER TABLE customers_new RENAME TO customers;
      """)
    try expectBack(shop, status: 31, says: ["has no effect inside a transaction", "table orders"])
  }

  @Test("a rebuild that forgets rows of its own table")
  func forgetful() throws {
    let shop = try Workspace()
    try shop.sqlite("DROP VIEW totals")  // or the rename would be refused because of it
    try shop.migration(
      "1.sql",
      """
      CREATE TABLE orders_new (id INTEGER PRIMARY KEY, customer INTEGER, cents INTEGER);
      INSERT INTO orders_new SELECT * FROM orders WHERE cents > 1000;
      DROP TABLE orders;
      ALTER TABLE orders_new RENAME TO orders;
      CREATE INDEX orders_by_customer ON orders(customer);
      """)
    try expectBack(shop, status: 31, says: ["table orders", "was rebuilt and lost 10 of 100 rows"])
  }

  @Test("a rebuild that forgets an index")
  func lostIndex() throws {
    let shop = try Workspace()
    try shop.sqlite("DROP VIEW totals")  // or the rename would be refused because of it
    try shop.migration(
      "1.sql",
      """
      CREATE TABLE orders_new (id INTEGER PRIMARY KEY, customer INTEGER, cents INTEGER);
      INSERT INTO orders_new SELECT * FROM orders;
      DROP TABLE orders;
      ALTER TABLE orders_new RENAME TO orders;
      """)
    try expectBack(shop, status: 31, says: ["orders_by_customer", "disappeared"])
  }

  @Test("a trigger that writes where no statement does")
  func trigger() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "DELETE FROM orders;\nDELETE FROM customers WHERE id = 1;")
    try expectBack(shop, status: 31, says: ["table log", "grew from 0 to 1 row"])
    try shop.migration(
      "1.sql", "-- belay: allow-change log\nDELETE FROM orders;\nDELETE FROM customers WHERE id = 1;")
    let allowed = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(allowed.status), "\(allowed)")
  }

  @Test("one file's statements do not excuse the collateral of another")
  func eachFile() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "DELETE FROM customers WHERE id = 2;")
    try shop.migration("2.sql", "DELETE FROM orders WHERE id = 1;\nDELETE FROM log;")
    try expectBack(shop, status: 31, says: ["1.sql breaks the contract"])
  }

  @Test("an expectation of the file that does not hold")
  func expectation() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "-- belay: expect rows(orders) = before - 1\nDELETE FROM orders WHERE id < 3;")
    try expectBack(shop, status: 31, says: ["rows(orders) = before - 1", "there are 98"])
  }

  @Test("a configured check that fails afterwards")
  func check() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "UPDATE orders SET cents = -1 WHERE id = 7;")
    try expectBack(
      shop, status: 31, says: ["no negative amounts", "expected no rows, found 1 row"],
      config: "checks:\n  - name: no negative amounts\n    sql: SELECT id FROM orders WHERE cents < 0\n")
  }

  @Test("rows that refer to nothing afterwards")
  func orphans() throws {
    let shop = try Workspace()
    try shop.migration(
      "1.sql", "PRAGMA foreign_keys=OFF;\nINSERT INTO orders VALUES (1000, 999, 5);")
    try expectBack(shop, status: 31, says: ["orders"])
  }

  @Test("strict contract: a loss that is named but not declared")
  func strict() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "DELETE FROM orders WHERE id = 1;")
    try expectBack(shop, status: 31, says: ["lost 1 of 100 rows"], config: "contract: strict\n")
  }

  @Test("outside a transaction, rollback replaces the database with the backup")
  func noTransaction() throws {
    let shop = try Workspace()
    try shop.migration(
      "1.sql", "-- belay: no-transaction\nDELETE FROM orders WHERE id < 50;\nCREATE TABLE t (x);\nSELECT missing;\n")
    try expectBack(shop, status: 30, says: ["1.sql, line 4"])
  }

  @Test("a second transaction fails after the first was committed")
  func secondTransaction() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE t (x);\nDELETE FROM orders WHERE id = 5;")
    try shop.migration("2.sql", "PRAGMA foreign_keys=OFF;\nINSERT INTO nowhere VALUES (1);")
    try expectBack(shop, status: 30, says: ["2.sql, line 2"])
  }

  @Test("a check that failed before does not count, unless it got worse")
  func failedBefore() throws {
    let shop = try Workspace()
    try shop.write("checks:\n  - name: cheap\n    sql: SELECT id FROM orders WHERE cents < 300\n", to: "belay.yaml")
    try shop.migration("1.sql", "UPDATE customers SET name = 'x' WHERE id = 1;")
    #expect(try shop.belay("migrate", shop.url, "--yes").status == 0)
    try shop.migration("2.sql", "UPDATE orders SET cents = 0 WHERE id = 90;")
    let worse = try shop.belay("migrate", shop.url, "--yes")
    #expect(worse.status == 31, "\(worse)")
  }
}
