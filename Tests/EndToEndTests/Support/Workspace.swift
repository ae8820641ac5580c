import Foundation
import Testing

/// A folder with a shop database, a migrations folder and a store, gone when the test is; and the two programs that
/// work on it: belay and sqlite3.
final class Workspace {
  let folder: URL
  var database: URL { folder.appending(path: "shop.db") }
  var store: URL { folder.appending(path: "backups") }
  let url = "sqlite:shop.db"

  init(schema: String = Workspace.shop) throws {
    folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "belay-e2e-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder.appending(path: "migrations"), withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    try sqlite(schema)
  }

  deinit { try? FileManager.default.removeItem(at: folder) }

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

  // MARK: Files

  func write(_ text: String, to name: String) throws {
    try Data(text.utf8).write(to: folder.appending(path: name))
  }

  func migration(_ name: String, _ sql: String) throws { try write(sql, to: "migrations/\(name)") }

  /// Everything below a folder, by its path in it, except what lies under `runs`.
  func listing(_ folder: URL) throws -> [String] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
    return names.filter { !$0.hasPrefix("runs") && !$0.hasPrefix("locks") }.sorted()
  }

  // MARK: sqlite3

  /// Runs SQL in the shell of SQLite and gives what it prints.
  @discardableResult
  func sqlite(_ sql: String, on file: URL? = nil) throws -> String {
    let outcome = try Program.run(
      "/usr/bin/env", ["sqlite3", "-batch", "-bail", (file ?? database).path], in: folder, input: sql)
    try #require(outcome.status == 0, "sqlite3: \(outcome.errors)")
    return outcome.output.trimmingCharacters(in: .newlines)
  }

  /// Schema and rows as text, with what a dump leaves out: equal text, equal database.
  func dump(_ file: URL? = nil) throws -> String {
    try sqlite(".dump\nPRAGMA user_version;\nPRAGMA application_id;\nPRAGMA integrity_check;", on: file)
  }

  // MARK: belay

  @discardableResult
  func belay(_ arguments: String..., input: String = "", environment: [String: String] = [:]) throws -> Program.Outcome
  {
    try Program.run(
      Program.belay().path, arguments, in: folder, input: input, environment: environment)
  }

  /// The id of the newest archive.
  func latest() throws -> String {
    let names = try FileManager.default.contentsOfDirectory(atPath: store.path).filter { $0.hasSuffix(".tar") }
    return String(try #require(names.max()).dropLast(4))
  }
}
