import Foundation
import Testing

@Suite("belay migrate refuses, before anything is done")
struct RefusedMigrationTests {
  /// Exit status, message, and neither database nor store touched.
  private func expectRefusal(_ shop: Workspace, status: Int32 = 22, says: [String], _ arguments: String...) throws {
    let before = try Data(contentsOf: shop.database)
    let run = try Program.run(Program.belay().path, ["migrate", shop.url, "--yes"] + arguments, in: shop.folder)
    #expect(run.status == status, "\(run)")
    for text in says { #expect(run.errors.contains(text), "\(text) is not in \(run)") }
    #expect(try Data(contentsOf: shop.database) == before)
    let archives = (try? FileManager.default.contentsOfDirectory(atPath: shop.store.path)) ?? []
    #expect(archives.filter { $0.contains(".tar") } == [])
  }

  @Test(
    "a file that controls the transaction itself",
    arguments: [
      "BEGIN;\nCREATE TABLE a (x);\nCOMMIT;", "CREATE TABLE a (x);\nCOMMIT;", "ROLLBACK;", "SAVEPOINT s;", "END;",
      "RELEASE s;",
    ])
  func ownTransaction(sql: String) throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "SELECT 1;\n" + sql)
    try expectRefusal(shop, says: ["1.sql, line ", "controls the transaction itself"])
  }

  @Test("a statement that cannot run in a transaction, in a file that does not opt out")
  func vacuum() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "VACUUM;")
    try expectRefusal(shop, says: ["1.sql, line 1", "cannot run inside a transaction", "no-transaction"])
  }

  @Test(
    "a statement that reaches another database or file, where even the rehearsal would be no rehearsal",
    arguments: [
      ("ATTACH 'other.db' AS other;\nINSERT INTO other.t VALUES (1);", "ATTACH opens another database"),
      ("VACUUM INTO 'copy.db';", "VACUUM INTO writes another file"),
    ])
  func beyondTheDatabase(sql: String, says: String) throws {
    let shop = try Workspace()
    let other = shop.folder.appending(path: "other.db")
    try shop.sqlite("CREATE TABLE t (x)", on: other)
    try shop.migration("1.sql", "-- belay: no-transaction\n" + sql)
    try expectRefusal(shop, says: ["1.sql, line 2", says])
    #expect(try shop.sqlite("SELECT count(*) FROM t", on: other) == "0")
    #expect(!FileManager.default.fileExists(atPath: shop.folder.appending(path: "copy.db").path))
  }

  @Test(
    "a temporary table that hides one of the database, whose losses would not be seen",
    arguments: [
      "CREATE TEMP TABLE Orders", "CREATE TEMPORARY TABLE \"orders\"", "CREATE TABLE IF NOT EXISTS temp.[orders]",
    ])
  func hiddenByTemporary(create: String) throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "\(create) AS SELECT * FROM orders;\nDELETE FROM customers;")
    try expectRefusal(shop, says: ["1.sql, line 1", "hides the one of the same name"])
  }

  @Test("a command of the sqlite3 shell")
  func shellCommand() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE a (x);\n.import a.csv a\n")
    try expectRefusal(shop, says: ["1.sql, line 2", "command of the sqlite3 shell"])
  }

  @Test("a version that no file has", arguments: ["3", "typo", ""])
  func unknownVersion(version: String) throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE a (x);")
    try shop.migration("unnumbered.sql", "CREATE TABLE b (x);")
    try expectRefusal(shop, status: 10, says: ["there is no migration \(version)"], "--to", version)
  }

  @Test("a file changed after it was applied")
  func changed() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE a (x);")
    try #require(try shop.belay("migrate", shop.url, "--yes").status == 0)
    try FileManager.default.removeItem(at: shop.store)
    try shop.migration("1.sql", "CREATE TABLE a (x, y);")
    try expectRefusal(shop, says: ["1.sql was changed after it was applied"])
  }

  @Test("a file that sorts before the newest applied one, unless --out-of-order")
  func outOfOrder() throws {
    let shop = try Workspace()
    try shop.migration("2.sql", "CREATE TABLE b (x);")
    try #require(try shop.belay("migrate", shop.url, "--yes").status == 0)
    try FileManager.default.removeItem(at: shop.store)
    try shop.migration("1.sql", "CREATE TABLE a (x);")
    try expectRefusal(shop, says: ["1.sql has not been applied, but sorts before 2.sql", "--out-of-order"])
    #expect(try shop.belay("migrate", shop.url, "--yes", "--out-of-order").status == 0)
    #expect(try shop.sqlite("SELECT count(*) FROM belay_migrations") == "2")
  }

  @Test("a directive that does not exist")
  func directive() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "-- belay: alow-loss orders\nDELETE FROM orders;")
    try expectRefusal(shop, says: ["1.sql, line 1", "unknown directive"])
  }

  @Test("text that is not UTF-8")
  func encoding() throws {
    let shop = try Workspace()
    try Data([0x2D, 0x2D, 0xFF, 0x0A]).write(to: shop.folder.appending(path: "migrations/1.sql"))
    try expectRefusal(shop, says: ["1.sql is not UTF-8", "line 1"])
  }

  @Test("a folder without a migration has nothing to apply; a missing one is refused, and one whose files lie deeper")
  func folder() throws {
    let shop = try Workspace()
    let empty = try shop.belay("migrate", shop.url, "--yes")
    #expect(empty.status == 0 && empty.output.contains("nothing to apply"), "\(empty)")
    try expectRefusal(shop, status: 10, says: ["cannot read the migrations folder"], "--dir", "nowhere")
    try shop.folder(of: "migrations/later/1.sql", "CREATE TABLE a (x);")
    try expectRefusal(shop, status: 10, says: ["there is no *.sql file", "later/: is a folder"])
  }

  @Test("nobody to ask, and no --yes")
  func nobody() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE a (x);")
    let run = try shop.belay("migrate", shop.url)
    #expect(run.status == 22, "\(run)")
    #expect(run.errors.contains("no terminal to ask for confirmation"))
    #expect(try shop.sqlite("SELECT count(*) FROM sqlite_schema WHERE name = 'a'") == "0")
  }

  @Test("a check that must hold before the migration does not")
  func before() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE a (x);")
    try shop.write(
      "checks:\n  - name: ready\n    sql: SELECT 1 WHERE (SELECT count(*) FROM orders) > 10\n    when: before\n",
      to: "belay.yaml")
    try expectRefusal(shop, says: ["check ready"])
  }

  @Test("two runs at once: the second reports that the first has locked the database")
  func two() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE a (x);")
    try shop.holding("before apply")
    let first = try Program.start(Program.belay().path, ["migrate", shop.url, "--yes"], in: shop.folder)
    try shop.waitUntilItHolds()
    let second = try shop.belay("migrate", shop.url, "--yes")
    try shop.letGo()
    #expect(second.status == 11, "\(second)")
    #expect(try first.wait().status == 0)
  }
}
