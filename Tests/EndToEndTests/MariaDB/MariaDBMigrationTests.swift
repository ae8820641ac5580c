import DriverTesting
import Foundation
import Testing

@Suite("belay migrate on MariaDB")
struct MariaDBMigrationTests {
  @Test(
    "a good migration is applied, recorded, and taken back by rollback to exactly the state before",
    arguments: ["", MariaDBWorkspace.log])
  func good(more: String) throws {
    let shop = try MariaDBWorkspace(schema: MariaDBWorkspace.shop + more)
    let before = try shop.dump()
    try shop.migration(
      "1.sql",
      """
      ALTER TABLE customers ADD COLUMN vip boolean NOT NULL DEFAULT false, ADD INDEX by_name (name);
      CREATE TABLE tags (id int PRIMARY KEY, customer int, name text, FOREIGN KEY (customer) REFERENCES customers(id));
      INSERT INTO tags SELECT id, id, CONCAT('tag\\'s ', id) FROM customers;
      DELIMITER //
      CREATE PROCEDURE retag() BEGIN UPDATE tags SET name = ';'; SELECT 1; END//
      DELIMITER ;
      """)
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.client("SELECT count(*) FROM tags") == "20")
    #expect(try shop.client("SELECT name FROM belay_migrations") == "1.sql")
    #expect(try shop.client("SELECT name FROM tags WHERE id = 3") == "tag's 3")
    let id = try shop.latest()
    let plan = try shop.belay("rollback", id)
    #expect(plan.status == 12, "\(plan)")
    let code = String(try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)").0)
    let back = try shop.belay("rollback", id, "--yes", "--confirm", code)
    #expect(back.status == 0, "\(back)")
    #expect(try shop.dump() == before)
    #expect(try shop.leftovers() == [])
    #expect(try shop.belay("status").status == 0)
  }

  /// A migration that fails, and what the message says of it.
  struct Failing: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var sql: String
    var status: Int32 = 30
    var says: [String]
    var schema = MariaDBWorkspace.shop
    init(
      _ name: String, _ sql: String, status: Int32 = 30, says: [String], schema: String = MariaDBWorkspace.shop
    ) {
      (testDescription, self.sql, self.status, self.says, self.schema) = (name, sql, status, says, schema)
    }
  }

  static let failures = [
    Failing(
      "an SQL error after DDL and a DELETE, which no ROLLBACK takes back",
      "CREATE TABLE tags (name text);\nDELETE FROM orders;\nINSERT INTO tagz\n VALUES (1);",
      says: ["1.sql, line 3", "tagz", "42S02"]),
    Failing(
      "the same where a trigger keeps the restored copy from being swapped in",
      "ALTER TABLE customers DROP COLUMN email;\nDROP TRIGGER customer_gone;\nDELETE FROM orders;\nSELECT missing;",
      says: ["1.sql, line 4", "missing"], schema: MariaDBWorkspace.shop + MariaDBWorkspace.log),
    Failing(
      "an index that could not be made, of which nothing stays",
      "CREATE INDEX by_cents ON orders(cents);\nCREATE UNIQUE INDEX one ON orders(customer);",
      says: ["1.sql, line 2", "23000"]),
    Failing(
      "a cascade that deletes rows of another table", "DELETE FROM customers WHERE id < 6;", status: 31,
      says: ["orders", "25"]),
    Failing(
      "a trigger that writes where no statement does", "DELETE FROM orders;\nDELETE FROM customers WHERE id = 1;",
      status: 31, says: ["log"], schema: MariaDBWorkspace.shop + MariaDBWorkspace.log),
    Failing("a change of database", "USE mysql;\nSELECT 1;", status: 22, says: ["1.sql", "database"]),
  ]

  @Test("every failure leaves the database as it was", arguments: failures, [true, false])
  func failure(_ failing: Failing, rehearse: Bool) throws {
    let shop = try MariaDBWorkspace(schema: failing.schema)
    try shop.migration("1.sql", failing.sql)
    let before = try shop.dump()
    var arguments = ["migrate", shop.url, "--yes"]
    if !rehearse { arguments.append("--no-rehearse") }
    let run = try Program.run(Program.belay().path, arguments, in: shop.folder)
    #expect(run.status == failing.status, "\(run)")
    for text in failing.says { #expect(run.errors.contains(text), "\(text) is not in \(run)") }
    #expect(try shop.dump() == before)
    #expect(try shop.remains() == [])
    // 3: it was refused before a backup was made.
    #expect(try shop.belay("status").status == (failing.status == 22 ? 3 : 0))
  }

  @Test("at a terminal, what others would lose is asked about before it is lost", arguments: [true, false])
  func asksBeforeOthersLoseRows(agrees: Bool) throws {
    // A table with triggers cannot be swapped.
    let shop = try MariaDBWorkspace(schema: MariaDBWorkspace.shop + MariaDBWorkspace.log)
    let before = try shop.dump()
    try shop.migration("1.sql", "DELETE FROM orders;\nSELECT missing;")
    let other = try Program.start(
      "/bin/sh",
      ["-c", "exec mariadb --no-defaults -uroot -S '\(shop.server.folder)/socket' '\(shop.database)'", "sh"],
      in: shop.folder, input: "SELECT SLEEP(600);")
    defer { kill(other.process.processIdentifier, SIGKILL) }
    try eventually("somebody sleeping") {
      try shop.client(
        "SELECT count(*) FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO = 'SELECT SLEEP(600)'")
        == "1"
    }
    let run = try shop.atTerminal(
      ["migrate", shop.url, "--no-rehearse"],
      typing: [("[yes/NO]", "yes\n"), ("go on?", agrees ? "yes\n" : "no\n")])
    #expect(run.output.contains("other session is at work"), "\(run)")
    #expect(run.status == (agrees ? 30 : 40), "\(run)")
    if agrees { return #expect(try shop.dump() == before) }
    #expect(try shop.client("SELECT count(*) FROM orders") == "0")
    kill(other.process.processIdentifier, SIGKILL)
    let recovered = try shop.belay("recover", "--yes")
    #expect([0, 3].contains(recovered.status), "\(recovered)")
    #expect(try shop.dump() == before)
  }
}
