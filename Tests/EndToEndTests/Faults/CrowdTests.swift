import DriverTesting
import Foundation
import Testing

@Suite("A database at which others are at work, with transactions that do not keep them off")
struct CrowdTests {
  private func crowd(flags: [String] = []) throws -> Workspace {
    let shop = try Workspace()
    let folder = shop.folder.appending(path: "drivers")
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    try Compiler.build(
      "Tests/EndToEndTests/Drivers/crowd.c", to: folder.appending(path: "belay-driver-crowd.so").path,
      flags: flags + ["-lsqlite3"])
    return shop
  }

  private func migrate(_ shop: Workspace, _ more: String...) throws -> Program.Outcome {
    try Program.run(
      Program.belay().path, ["migrate", "crowd:shop.db", "--yes", "--driver-path", "drivers"] + more, in: shop.folder)
  }

  // MARK: Whose rows

  @Test("rows that others delete, change and add meanwhile are no breach", arguments: [[], ["--no-rehearse"]])
  func others(more: [String]) throws {
    let shop = try crowd()
    try shop.migration(
      "1.sql",
      """
      CREATE TABLE tags (name TEXT);
      /*others DELETE FROM orders WHERE id < 10; INSERT INTO log VALUES ('x', 'theirs'); UPDATE customers SET email = NULL*/
      UPDATE customers SET name = upper(name);
      """)
    let run = try Program.run(
      Program.belay().path, ["migrate", "crowd:shop.db", "--yes", "--driver-path", "drivers"] + more, in: shop.folder)
    #expect(run.status == 0, "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM orders") == "91")
  }

  @Test("a cascade is found though others write to the same table", arguments: [[], ["--no-rehearse"]])
  func cascade(more: [String]) throws {
    let shop = try crowd()
    try shop.migration(
      "1.sql",
      """
      CREATE TABLE tags (name TEXT);
      /*others INSERT INTO orders SELECT id + 1000, 2, 1 FROM orders*/
      DELETE FROM customers WHERE id = 1;
      """)
    let before = try shop.dump()
    let run = try Program.run(
      Program.belay().path, ["migrate", "crowd:shop.db", "--yes", "--driver-path", "drivers"] + more, in: shop.folder)
    #expect(run.status == 31, "\(run)")
    #expect(run.errors.contains("table orders: lost 5 of 100 rows"), "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test("rows lost in a rebuild are found without a rehearsal")
  func rebuild() throws {
    let shop = try crowd()
    try shop.migration(
      "1.sql",
      """
      CREATE TABLE log_new (at TEXT, what TEXT);
      INSERT INTO log_new SELECT at, what FROM log WHERE what <> 'b';
      DROP TABLE log;
      ALTER TABLE log_new RENAME TO log;
      """)
    try shop.sqlite("DROP TRIGGER customer_gone; INSERT INTO log VALUES ('1', 'a'), ('2', 'b')")
    let run = try migrate(shop, "--no-rehearse")
    #expect(run.status == 31, "\(run)")
    #expect(run.errors.contains("was rebuilt and lost 1 of 2 rows"), "\(run)")
  }

  @Test("an engine that counts nothing is not believed")
  func blind() throws {
    let shop = try crowd()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\n/*blind*/\nDELETE FROM customers WHERE id = 1;")
    let run = try migrate(shop, "--no-rehearse")
    #expect(run.status == 31, "\(run)")
    #expect(run.errors.contains("table orders"), "\(run)")
  }

  @Test(
    "without a footprint the rehearsal shows which rows are the migration's; without a rehearsal no others may change")
  func noFootprint() throws {
    let shop = try crowd(flags: ["-DNO_FOOTPRINT"])
    let sql = "/*others DELETE FROM orders WHERE id < 10*/\nUPDATE customers SET name = upper(name);"
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\n" + sql)
    let strict = try migrate(shop, "--no-rehearse")
    #expect(strict.status == 31, "\(strict)")
    let run = try migrate(shop)
    #expect(run.status == 3, "\(run)")
    #expect(run.errors.contains("written by others meanwhile"), "\(run)")
    #expect(run.errors.contains("locks are not known"), "\(run)")
  }

  // MARK: Locks

  @Test("a statement waits for a lock, says so once, and goes on")
  func waits() throws {
    let shop = try crowd()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\n/*busy 2*/\nUPDATE customers SET email = NULL;")
    let run = try migrate(shop)
    #expect(run.status == 0, "\(run)")
    #expect(run.errors.matches(of: /waits for a lock/).count == 1, "\(run)")
    #expect(run.errors.contains("1.sql, line 2 waits for a lock: canceling statement"), "\(run)")
  }

  @Test("a lock that is never free fails the migration within the time of the file, and it is rolled back")
  func givesUp() throws {
    let shop = try crowd()
    let before = try shop.dump()
    try shop.migration(
      "1.sql",
      "-- belay: lock-timeout 1s\nCREATE TABLE tags (name TEXT);\n/*busy 9999*/\nUPDATE customers SET email = NULL;")
    let began = ContinuousClock.now
    let run = try migrate(shop, "--no-rehearse")
    #expect(run.status == 30, "\(run)")
    #expect(run.errors.contains("canceling statement due to lock timeout"), "\(run)")
    #expect(run.errors.contains("55P03"), "\(run)")
    // It would try for many minutes.
    #expect(ContinuousClock.now - began < .seconds(60))
    #expect(try shop.dump() == before)
  }

  @Test("a transaction that the engine gave up begins again", arguments: [(2, 0), (9, 30)] as [(Int, Int32)])
  func deadlock(count: Int, status: Int32) throws {
    let shop = try crowd()
    try shop.migration(
      "1.sql",
      "CREATE TABLE tags (name TEXT);\nINSERT INTO tags VALUES ('a');\n/*deadlock \(count)*/\nUPDATE customers SET email = NULL;"
    )
    let run = try migrate(shop)
    #expect(run.status == status, "\(run)")
    #expect(run.errors.contains("deadlock detected"), "\(run)")
    if status == 0 { #expect(try shop.sqlite("SELECT count(*) FROM tags") == "1") }
  }

  @Test("belay's own table of locks is no change by somebody else")
  func lockTable() throws {
    let shop = try crowd(flags: ["-DNO_LOCK"])
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    let run = try migrate(shop)
    #expect(run.status == 0, "\(run)")
  }

  // MARK: What the rehearsal shows

  @Test("locks, rewrites and own rows of the rehearsal stand before the question, in the report and in the events")
  func observed() throws {
    let shop = try crowd()
    try shop.sqlite("DROP TRIGGER customer_gone; INSERT INTO log VALUES ('1', 'a')")
    try shop.migration(
      "1.sql",
      """
      UPDATE customers SET email = NULL;
      CREATE TABLE log_new (at TEXT, what TEXT);
      INSERT INTO log_new SELECT * FROM log;
      DROP TABLE log;
      ALTER TABLE log_new RENAME TO log;
      """)
    let run = try migrate(shop, "--json")
    #expect(run.status == 0, "\(run)")
    let events = run.output.split(separator: "\n").filter { $0.contains("\"event\":\"observed\"") }
    #expect(events.contains { $0.contains("\"table\":\"customers\"") && $0.contains("\"updated\":20") }, "\(run)")
    #expect(
      events.contains {
        $0.contains("\"table\":\"log\"") && $0.contains("\"rewritten\":true") && $0.contains("line 5")
      },
      "\(run)")
    #expect(run.output.contains("  blocks  "), "\(run)")
    #expect(try shop.latestReport().contains("AccessExclusive"))
  }

  @Test("what the engine says is shown with its statement, and kept in the report")
  func said() throws {
    let shop = try crowd()
    try shop.migration(
      "1.sql", "CREATE TABLE tags (name TEXT);\n/*say odd things happen*/\nINSERT INTO tags VALUES ('a');")
    let run = try migrate(shop)
    #expect(run.status == 0, "\(run)")
    #expect(run.errors.contains("warning: 1.sql, line 2: odd things happen"), "\(run)")
    #expect(try shop.latestReport().contains("1.sql, line 2: odd things happen"))
  }

  // MARK: The schema and the plans

  @Test("a schema that is not the rehearsal's fails the migration where it is the migration's own")
  func schema() throws {
    let shop = try crowd()
    let before = try shop.dump()
    try shop.migration(
      "1.sql",
      "CREATE TABLE tags (name TEXT);\n/*others CREATE INDEX theirs ON tags(name)*/\nINSERT INTO tags VALUES ('a');")
    let run = try migrate(shop)
    #expect(run.status == 31, "\(run)")
    #expect(run.errors.contains("theirs"), "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test("what others change of the schema elsewhere is said, and is theirs")
  func schemaOfOthers() throws {
    let shop = try crowd()
    try shop.migration(
      "1.sql",
      "CREATE TABLE tags (name TEXT);\n/*others CREATE INDEX theirs ON log(at)*/\nINSERT INTO tags VALUES ('a');")
    let run = try migrate(shop)
    #expect(run.status == 0, "\(run)")
    #expect(run.errors.contains("changed by others since the backup: index log.theirs"), "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM sqlite_schema WHERE name = 'theirs'") == "1")
  }

  @Test("a configured query that reads a whole large table now is a warning, or an error if it is to be")
  func plans() throws {
    let shop = try crowd()
    try shop.migration("1.sql", "DROP INDEX orders_by_customer;\n-- belay: allow-loss orders_by_customer\n")
    let config = "plans:\n  - {name: of one, sql: SELECT * FROM orders WHERE customer = 1, rows: 50, fail: %}\n"
    for (fails, status) in [("true", 31), ("false", 3)] as [(String, Int32)] {
      try shop.write(config.replacing("%", with: fails), to: "belay.yaml")
      let run = try migrate(shop)
      #expect(run.status == status, "\(run)")
      #expect(run.errors.contains("now reads all of orders (100 rows)"), "\(run)")
    }
  }
}
