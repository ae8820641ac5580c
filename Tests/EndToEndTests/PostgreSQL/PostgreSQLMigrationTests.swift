import DriverTesting
import Foundation
import Testing

@Suite("belay migrate on PostgreSQL")
struct PostgreSQLMigrationTests {
  @Test("a good migration is applied, recorded, and taken back by rollback to exactly the state before")
  func good() throws {
    let shop = try PostgreSQLWorkspace()
    let before = try shop.dump()
    try shop.migration(
      "1.sql",
      """
      ALTER TABLE customers ADD COLUMN vip boolean NOT NULL DEFAULT false;
      CREATE TABLE tags (id int PRIMARY KEY, customer int REFERENCES customers, name text);
      INSERT INTO tags SELECT id, id, 'tag ' || id FROM customers;
      """)
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.psql("SELECT count(*) FROM tags") == "20")
    #expect(try shop.psql("SELECT name FROM belay_migrations") == "1.sql")
    let id = try shop.latest()
    let plan = try shop.belay("rollback", id)
    #expect(plan.status == 12, "\(plan)")
    let code = String(try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)").0)
    let back = try shop.belay("rollback", id, "--yes", "--confirm", code)
    #expect(back.status == 0, "\(back)")
    #expect(try shop.dump() == before)
    #expect(try shop.belay("status").status == 0)
  }

  @Test("CREATE INDEX CONCURRENTLY works outside a transaction")
  func concurrently() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration("1.sql", "-- belay: no-transaction\nCREATE INDEX CONCURRENTLY by_cents ON orders(cents);")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.psql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_cents'::regclass") == "t")
  }

  @Test(
    "an index that was never finished is in no dump, stands in nobody's way, and can be dropped or finished",
    arguments: ["DROP INDEX one;", "DROP INDEX IF EXISTS one;", "DELETE FROM orders;\nREINDEX INDEX one;"])
  func unfinished(repair: String) throws {
    let shop = try PostgreSQLWorkspace()
    #expect(throws: (any Error).self) {
      try shop.psql("CREATE UNIQUE INDEX CONCURRENTLY one ON orders(customer)")
    }
    let isThere = "SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('one') AND NOT indisvalid"
    let backup = try shop.belay("backup", shop.url)
    #expect([0, 3].contains(backup.status), "\(backup)")
    try shop.migration("1.sql", "CREATE TABLE n (x int);\nSELECT missing;")
    let failing = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(failing.status == 30 && failing.errors.contains("and proven"), "\(failing)")
    try shop.migration("1.sql", "ALTER TABLE orders ADD COLUMN remark text;")
    let good = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(good.status), "\(good)")
    #expect(try shop.psql(isThere) == "1")
    try shop.migration("2.sql", repair)
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 3 && run.errors.contains("index public.orders.one: is in no dump"), "\(run)")
    #expect(try shop.latestReport().contains("is in no dump and so in no copy: a change of it cannot be rehearsed"))
    #expect(try shop.psql(isThere) == "0")
  }

  @Test("values that a rolled back migration took from a sequence are not called others' writes")
  func sequence() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration("1.sql", "INSERT INTO customers(name) VALUES ('new');\nSELECT missing;")
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(run.status == 30, "\(run)")
    #expect(run.errors.contains("the engine has kept table pg_catalog.pg_sequences"), "\(run)")
    #expect(!run.errors.contains("written by others"), "\(run)")
    #expect(try shop.psql("SELECT count(*) FROM customers") == "20")
  }

  /// A migration that fails, and what the message says of it.
  struct Failing: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var sql: String
    var status: Int32 = 30
    var says: [String]
    /// Only where the target itself is changed: the rehearsal is another database.
    var onTargetOnly = false
    init(
      _ name: String, _ sql: String, status: Int32 = 30, says: [String], onTargetOnly: Bool = false
    ) {
      (testDescription, self.sql, self.status, self.says, self.onTargetOnly) = (name, sql, status, says, onTargetOnly)
    }
  }

  static let failures = [
    Failing(
      "an SQL error in the third statement",
      "CREATE TABLE tags (name text);\nDELETE FROM orders;\nINSERT INTO tagz\n VALUES (1);",
      says: ["1.sql, line 3", "tagz", "42P01"]),
    Failing(
      "a constraint that the rows break", "UPDATE orders SET cents = 1;\nCREATE UNIQUE INDEX one ON orders(cents);",
      says: ["1.sql, line 2", "23505", "is duplicated"]),
    Failing(
      "a cascade that deletes rows of another table",
      "ALTER TABLE customers DISABLE TRIGGER customer_gone;\nDELETE FROM customers WHERE id < 6;\nALTER TABLE customers ENABLE TRIGGER customer_gone;",
      status: 31, says: ["orders", "25"]),
    Failing(
      "a trigger that writes where no statement does",
      "DELETE FROM orders;\nDELETE FROM customers WHERE id = 1;", status: 31, says: ["log"]),
    Failing(
      "a TRUNCATE … CASCADE that empties a table that it does not name", "TRUNCATE customers CASCADE;", status: 31,
      says: ["orders", "100"]),
    Failing(
      "a failure outside a transaction", "-- belay: no-transaction\nDELETE FROM orders;\nSELECT missing;",
      says: ["1.sql, line 3", "missing"]),
    Failing(
      "a failing CREATE UNIQUE INDEX CONCURRENTLY, which leaves an invalid index",
      "-- belay: no-transaction\nCREATE UNIQUE INDEX CONCURRENTLY one ON orders(customer);", says: ["23505"]),
    Failing(
      "a deadlock with itself is none, a lock that never comes is",
      "SET LOCAL statement_timeout = '200ms';\nSELECT pg_sleep(5);", says: ["57014"]),
    Failing(
      "a command of psql", "\\set x 1\nSELECT 1;", status: 22, says: ["1.sql", "psql"]),
  ]

  @Test("every failure leaves the database as it was", arguments: failures, [true, false])
  func failure(_ failing: Failing, rehearse: Bool) throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration("1.sql", failing.sql)
    let before = try shop.dump()
    var arguments = ["migrate", shop.url, "--yes"]
    if !rehearse { arguments.append("--no-rehearse") }
    let run = try Program.run(Program.belay().path, arguments, in: shop.folder)
    #expect(run.status == failing.status, "\(run)")
    for text in failing.says { #expect(run.errors.contains(text), "\(text) is not in \(run)") }
    #expect(try shop.dump() == before)
    #expect(try shop.leftovers() == [])
    // 3: it was refused before a backup was made.
    #expect(try shop.belay("status").status == (failing.status == 22 ? 3 : 0))
  }
}
