import DriverTesting
import Foundation
import Testing

/// A database of the fake D1 with a small shop in it, known as `shop` in belay.yaml, a migrations folder and a store; all
/// gone when the test is.
final class D1Workspace: BelayFolder {
  let account: FakeD1Account
  let database: FakeD1Database
  private let saved = Saved()

  /// - Parameter settings: changes to Tests/FakeD1/settings.py.
  /// - Parameter options: of the driver, each a line.
  init(
    schema: String = D1Workspace.shop, settings: [String: any Sendable] = [:], options: [String] = [],
    config: String = ""
  ) throws {
    account = try FakeD1.shared().makeAccount(settings)
    database = try account.makeDatabase("shop", schema)
    try super.init(url: "shop")
    try write(Self.configuration(of: account, options: options) + config, to: "belay.yaml")
  }

  /// No test waits for what only guards the real service.
  static func configuration(
    of account: FakeD1Account, database: String = "shop", token: String? = nil, options: [String] = []
  ) -> String {
    """
    targets:
      \(database):
        url: d1://\(account.id)/\(database)
        options:
          api_token: \(token ?? account.token)
          api_base_url: \(account.baseURL)
          poll_ms: 5
          retry_pause_ms: 4
          settle_ms: 120
          retry_ms: 2500
          rate_limit_ms: 2500
    \(options.map { "      \($0)\n" }.joined())
    """
  }

  deinit { for database in (try? account.databases()) ?? [] { try? database.delete() } }

  /// Customers, their orders, and a log that a trigger writes.
  static let shop = """
    CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT);
    CREATE TABLE orders (
      id INTEGER PRIMARY KEY, customer INTEGER NOT NULL REFERENCES customers(id) ON DELETE CASCADE, cents INTEGER);
    CREATE INDEX orders_by_customer ON orders(customer);
    CREATE TABLE log (at TEXT, what TEXT);
    CREATE TRIGGER customer_gone AFTER DELETE ON customers BEGIN
      INSERT INTO log VALUES ('now', CASE WHEN old.email IS NULL THEN 'gone' ELSE 'gone: ' || old.name END);
    END;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
      INSERT INTO customers SELECT i, 'customer ' || i, 'c' || i || '@example.org' FROM n;
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
      INSERT INTO orders SELECT i, 1 + i % 20, i * 100 FROM n;
    """

  /// The content without what belay keeps there for itself, and without the table that SQLite keeps for ever once an
  /// AUTOINCREMENT was there, unless it holds something.
  func content(of database: FakeD1Database? = nil) throws -> String {
    try (database ?? self.database).content().split(separator: "\n", omittingEmptySubsequences: false)
      .filter { line in
        !line.contains("belay_receipts") && !line.contains("belay_locks") && !line.hasPrefix("table sqlite_sequence")
      }.joined(separator: "\n")
  }

  /// The databases that lie beside this one.
  func others() throws -> [FakeD1Database] { try account.databases().filter { $0.id != database.id } }

  /// How often something is in the journals of all runs.
  func journals() throws -> String {
    let runs = store.appending(path: "runs")
    let names = try FileManager.default.contentsOfDirectory(atPath: runs.path)
    return names.sorted().compactMap {
      try? String(contentsOf: runs.appending(path: "\($0)/journal.ndjson"), encoding: .utf8)
    }.joined()
  }

  /// What the ledger of wrangler's holds, in its order.
  func applied() throws -> [String] {
    let there = try database.sql("SELECT name FROM sqlite_schema WHERE name = 'd1_migrations'")
    return there.isEmpty ? [] : try database.sql("SELECT name FROM d1_migrations ORDER BY id").map { $0[0] }
  }

  fileprivate final class Saved { var bookmark = "" }
}

extension D1Workspace: KillableShop {
  func state() throws -> String { try content() }
  func stateWithoutTimes() throws -> String {
    try content().split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      .map { $0.contains("_migrations") ? $0.replacing(#/'[0-9]{4}-[0-9]{2}-[0-9]{2}[^']*'/#, with: "time") : $0 }
      .map { $0.replacing(#/'[0-9]{8}T[0-9]{6}Z[^']*'/#, with: "run") }
      .joined(separator: "\n")
  }
  func putAside() throws { saved.bookmark = try #require(try database.bookmarks().last) }
  func putBack() throws {
    for other in try others() { try other.delete() }
    try database.travel(to: saved.bookmark)
  }
  func remains() throws -> [String] {
    let locks = try database.sql("SELECT name FROM sqlite_schema WHERE name = 'belay_locks'")
    let held = locks.isEmpty ? [] : try database.sql("SELECT holder FROM belay_locks").map { "lock of \($0[0])" }
    return try others().map(\.name) + held
  }
}
