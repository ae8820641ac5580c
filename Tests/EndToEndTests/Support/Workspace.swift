import Foundation
import Testing

/// A folder with a shop database, a migrations folder and a store, gone when the test is; and the two programs that
/// work on it: belay and sqlite3.
final class Workspace: BelayFolder {
  var database: URL { folder.appending(path: "shop.db") }

  init(schema: String = Workspace.shop) throws {
    try super.init(url: "sqlite:shop.db")
    try sqlite(schema)
    if OtherProgram.isWanted { others = try OtherProgram(client: "sqlite3 -cmd '.timeout 20000' shop.db", in: folder) }
  }

  private var others: OtherProgram?

  deinit { others = nil }

  /// Customers, their orders, and a log that a trigger writes.
  static let shop = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);
    CREATE TABLE orders (
      id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE, cents INTEGER);
    CREATE INDEX orders_by_customer ON orders(customer);
    CREATE TABLE log (at TEXT, what TEXT);
    CREATE TRIGGER customer_gone AFTER DELETE ON customers BEGIN
      INSERT INTO log VALUES ('now', 'gone: ' || old.name);
    END;
    CREATE VIEW totals AS SELECT customer, sum(cents) AS cents FROM orders GROUP BY customer;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
      INSERT INTO customers SELECT i, 'customer ' || i, 'c' || i || '@example.org' FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
      INSERT INTO orders SELECT i, 1 + i % 20, i * 100 FROM n;
    """

  // MARK: sqlite3

  /// Runs SQL in the shell of SQLite and gives what it prints.
  @discardableResult
  func sqlite(_ sql: String, on file: URL? = nil) throws -> String {
    let outcome = try Program.run(
      "/usr/bin/env", ["sqlite3", "-batch", "-bail", (file ?? database).path], in: folder, input: sql)
    try #require(outcome.status == 0, "sqlite3: \(outcome.errors)")
    return outcome.output.trimmingCharacters(in: .newlines)
  }

  /// The same without the table of belay's own locks, which stays once a driver without locks has needed it.
  func dumpWithoutLocks() throws -> String {
    try dump().split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.contains("\"belay_lock\" (") }.joined(separator: "\n")
  }

  /// Schema and rows as text, with what a dump leaves out: equal text, equal database.
  func dump(_ file: URL? = nil) throws -> String {
    try sqlite(".dump\nPRAGMA user_version;\nPRAGMA application_id;\nPRAGMA integrity_check;", on: file)
  }
}
