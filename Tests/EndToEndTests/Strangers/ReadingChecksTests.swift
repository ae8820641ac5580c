import Foundation
import Testing

@Suite("checks, the audit and plans only read")
struct ReadingChecksTests {
  /// SQL that SQLite would run on a connection that is opened read-only, or that has an effect all the same.
  static let writing: [(String, String)] = [
    ("INSERT INTO log VALUES ('now', 'check') RETURNING at", "would change the database"),
    ("DELETE FROM orders RETURNING id", "would change the database"),
    ("UPDATE orders SET cents = 0 RETURNING id", "would change the database"),
    ("DROP TABLE log", "would change the database"),
    ("VACUUM INTO 'copy.db'", "would change the database"),
    ("VACUUM", "would change the database"),
    ("ATTACH 'other.db' AS other", "opens another database file"),
    ("BEGIN", "begins or ends a transaction"),
    ("COMMIT", "begins or ends a transaction"),
    ("ROLLBACK", "begins or ends a transaction"),
    ("SAVEPOINT x", "begins or ends a transaction"),
    ("PRAGMA user_version = 7", "sets PRAGMA user_version"),
    ("PRAGMA journal_mode = wal", "sets PRAGMA journal_mode"),
    ("PRAGMA foreign_keys = off", "sets PRAGMA foreign_keys"),
    ("PRAGMA writable_schema = on", "sets PRAGMA writable_schema"),
    ("PRAGMA query_only = off", "sets PRAGMA query_only"),
    ("PRAGMA wal_checkpoint", "runs PRAGMA wal_checkpoint"),
    ("PRAGMA optimize", "runs PRAGMA optimize"),
    ("SELECT load_extension('x')", "calls load_extension()"),
    ("SELECT 1; DELETE FROM orders", "more than one statement"),
  ]

  static let reading = [
    "SELECT id FROM orders WHERE cents < 0", "WITH x AS (SELECT 1 WHERE 0) SELECT * FROM x",
    "SELECT * FROM (VALUES (1)) WHERE 0",
    "PRAGMA foreign_key_check", "SELECT 1 FROM pragma_table_info('orders') WHERE name = 'gone'",
    "SELECT 1 FROM (SELECT json_each.value FROM json_each('[]'))", "EXPLAIN SELECT 1 WHERE 0 LIMIT 0",
  ]

  private func shop(_ sql: String, as kind: String) throws -> Workspace {
    let shop = try Workspace()
    let text = String(decoding: try JSONEncoder().encode(sql), as: UTF8.self)
    try shop.write("\(kind):\n  - name: mine\n    sql: \(text)\n", to: "belay.yaml")
    return shop
  }

  private func isUntouched(_ shop: Workspace, as before: String) throws {
    #expect(try shop.dump() == before)
    for name in ["copy.db", "other.db"] {
      #expect(!FileManager.default.fileExists(atPath: shop.folder.appending(path: name).path), "\(name)")
    }
  }

  @Test("a check that would write is an error of that check, and writes nothing", arguments: writing)
  func check(sql: String, reason: String) throws {
    let shop = try shop(sql, as: "checks")
    let before = try shop.dump()
    let run = try shop.belay("check", "sqlite:shop.db")
    #expect(run.status == 31, "\(run)")
    #expect(run.errors.contains("check mine") && run.errors.contains(reason), "\(run)")
    try isUntouched(shop, as: before)
  }

  @Test("within a migration it stops the migration, and the database is as it was", arguments: writing)
  func inMigration(sql: String, reason: String) throws {
    let shop = try shop(sql, as: "checks")
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    let before = try shop.dump()
    let run = try shop.belay("migrate", "sqlite:shop.db", "--yes")
    #expect([22, 31].contains(run.status), "\(run)")
    #expect(run.errors.contains(reason), "\(run)")
    try isUntouched(shop, as: before)
  }

  @Test("so does an audit query that would write", arguments: writing.prefix(10))
  func audit(sql: String, reason: String) throws {
    let shop = try shop(sql, as: "audit")
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    let before = try shop.dump()
    let run = try shop.belay("migrate", "sqlite:shop.db", "--yes")
    #expect(run.status != 0 && run.errors.contains("mine"), "\(run)")
    try isUntouched(shop, as: before)
  }

  @Test(
    "a plan that is asked for changes no setting and runs nothing",
    arguments: ["PRAGMA writable_schema = on", "VACUUM"])
  func plan(sql: String) throws {
    let shop = try shop(sql, as: "plans")
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    let run = try shop.belay("migrate", "sqlite:shop.db", "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.sqlite("PRAGMA integrity_check") == "ok")
  }

  @Test("what only reads is run", arguments: reading)
  func reads(sql: String) throws {
    let shop = try shop(sql, as: "checks")
    let run = try shop.belay("check", "sqlite:shop.db")
    #expect([0, 31].contains(run.status) && !run.errors.contains("cannot run"), "\(run)")
  }

  @Test("a check sees what the migration has done, in the migration's own transaction")
  func seesChanges() throws {
    let shop = try shop("SELECT name FROM tags", as: "checks")
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT); INSERT INTO tags VALUES ('x');")
    try shop.write("checks:\n  - name: mine\n    sql: SELECT name FROM tags\n    when: after\n", to: "belay.yaml")
    let run = try shop.belay("migrate", "sqlite:shop.db", "--yes")
    #expect(run.status == 31 || run.status == 22, "\(run)")
    #expect(run.errors.contains("mine"), "\(run)")
  }
}
