import DriverTesting
import Foundation
import Testing

@Suite("Others at work on the same PostgreSQL database", .serialized)
struct PostgreSQLOthersTests {
  /// Where somebody writes all the time, while a migration runs on `orders`.
  static let writing = [
    (
      what: "another table, a migration in a transaction", sql: "INSERT INTO log VALUES ('w', 'by others')",
      counted: "SELECT count(*) FROM log", transaction: true
    ),
    (
      what: "the same table, a migration in a transaction", sql: "UPDATE orders SET cents = cents + 1 WHERE id = 7",
      counted: "SELECT sum(cents) - 505000 FROM orders", transaction: true
    ),
    (
      what: "the same table, a migration outside a transaction",
      sql: "UPDATE orders SET cents = cents + 1 WHERE id = 7",
      counted: "SELECT sum(cents) - 505000 FROM orders", transaction: false
    ),
  ]

  @Test("who writes all the time is no breach of the migration's contract, and loses nothing", arguments: writing)
  func writers(_ writing: (what: String, sql: String, counted: String, transaction: Bool)) throws {
    let transaction = writing.transaction
    let shop = try PostgreSQLWorkspace()
    try shop.psql("CREATE TABLE written (n int)")
    // The table's rows in the database are what the writers were told is committed.
    try shop.write("BEGIN;\n\(writing.sql);\nINSERT INTO written VALUES (1);\nCOMMIT;\n", to: "writer.sql")
    let bench = try Program.start(
      shop.server.programs + "/pgbench",
      ["-n", "-c", "2", "-t", "100000", "-R", "200", "-f", "writer.sql", "--max-tries=100", shop.url], in: shop.folder)
    defer { kill(bench.process.processIdentifier, SIGKILL) }
    try eventually("the first writes") { try shop.psql("SELECT count(*) > 20 FROM written") == "t" }
    try shop.migration(
      "1.sql",
      (transaction ? "" : "-- belay: no-transaction\n")
        + "CREATE INDEX \(transaction ? "" : "CONCURRENTLY ")by_cents ON orders(cents);\nSELECT pg_sleep(0.3);")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(bench.process.isRunning, "the writers have ended before the migration")
    #expect(try shop.psql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_cents'::regclass") == "t")
    try shop.stop(bench)
    let written = try shop.psql("SELECT count(*) FROM written")
    #expect(try shop.psql(writing.counted) == written)
    #expect(try shop.belay("status").status == 0)
  }

  /// What somebody does to objects of his own while a migration on `orders` runs.
  static let theirs = """
    CREATE TABLE fresh (id serial PRIMARY KEY); ALTER TABLE theirs ADD COLUMN more int; DROP TABLE old;
    DROP VIEW view_of_theirs; DROP INDEX index_of_theirs;
    """

  private func shared() throws -> PostgreSQLWorkspace {
    let shop = try PostgreSQLWorkspace()
    try shop.psql(
      """
      CREATE TABLE theirs (id int); CREATE VIEW view_of_theirs AS SELECT id FROM theirs;
      CREATE INDEX index_of_theirs ON theirs(id); CREATE TABLE old (id int); INSERT INTO old VALUES (1);
      """)
    return shop
  }

  private static let isDone =
    "SELECT to_regclass('fresh') IS NOT NULL AND to_regclass('old') IS NULL AND to_regclass('view_of_theirs') IS NULL"

  @Test(
    "what others create, alter and drop of their own is no fault of the migration",
    arguments: ["rehearsing", "applying"])
  func theirSchema(step: String) throws {
    let shop = try shared()
    let isApplying = step == "applying"
    try shop.migration("1.sql", "ALTER TABLE orders ADD COLUMN note text;\n\(shop.untilGo(inCopies: !isApplying))")
    let running = try shop.start("migrate", shop.url, "--yes")
    try shop.waitForStep(step)
    if isApplying { try shop.waitForSleeper() }
    try shop.psql(Self.theirs)
    try shop.go()
    let run = try running.wait()
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(run.errors.contains("by others since the backup: table public.fresh"), "\(run)")
    #expect(try shop.psql("SELECT count(*) - count(note) FROM orders") == "100")
    #expect(try shop.psql(Self.isDone) == "t")
    #expect(try shop.belay("status").status == 0)
  }

  @Test("what others change of the table that the migration is about is, and it says so")
  func ownSchema() throws {
    let shop = try shared()
    try shop.migration("1.sql", "ALTER TABLE orders ADD COLUMN note text;\n\(shop.untilGo(inCopies: true))")
    let running = try shop.start("migrate", shop.url, "--yes")
    try shop.waitForStep("rehearsing")
    try shop.psql("ALTER TABLE orders ADD COLUMN theirs int")
    try shop.go()
    let run = try running.wait()
    #expect(run.status == 22, "\(run)")
    #expect(run.errors.contains("orders.theirs"), "\(run)")
    #expect(try shop.psql("SELECT count(*) FROM pg_attribute WHERE attname = 'note'") == "0")
  }

  @Test(
    "a migration that fails leaves what others have created meanwhile, empty or not",
    arguments: ["", "-- belay: no-transaction\n"])
  func failing(directive: String) throws {
    let shop = try shared()
    try shop.migration(
      "1.sql",
      directive + "CREATE TABLE tags (name text);\n\(shop.untilGo())\n"
        // Not in the rehearsal.
        + "SELECT 1 / (current_database() <> \(shop.literal))::int;")
    let running = try shop.start("migrate", shop.url, "--yes")
    try shop.waitForStep("applying")
    try shop.waitForSleeper()
    try shop.psql(Self.theirs)
    try shop.go()
    let run = try running.wait()
    #expect(run.status == 30, "\(run)")
    #expect(try shop.psql(Self.isDone) == "t", "\(run)")
    #expect(try shop.psql("SELECT to_regclass('tags') IS NULL") == "t", "\(run)")
    #expect(try shop.belay("status").status == 0)
  }

  @Test("a script rolls back a database that others write all the time; writes elsewhere make its code void")
  func rollbackUnderWriters() throws {
    let shop = try PostgreSQLWorkspace()
    let good = try shop.dump()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let id = try shop.latest()
    try shop.write("UPDATE orders SET cents = cents + 1 WHERE id = 1;\n", to: "writer.sql")
    let bench = try Program.start(
      shop.server.programs + "/pgbench", ["-n", "-c", "1", "-t", "100000", "-R", "100", "-f", "writer.sql", shop.url],
      in: shop.folder)
    defer { kill(bench.process.processIdentifier, SIGKILL) }
    try eventually("the first writes") { try shop.psql("SELECT cents > 120 FROM orders WHERE id = 1") == "t" }
    let void = try shop.code(for: id)
    try shop.psql("INSERT INTO log VALUES ('later', 'by others')")
    let refused = try shop.belay("rollback", id, "--yes", "--confirm", void)
    #expect(refused.status == 12, "\(refused)")
    #expect(refused.errors.contains("the tables and objects that lose something"), "\(refused)")
    let code = try shop.code(for: id)
    #expect(bench.process.isRunning, "the writer has ended before the rollback")
    let run = try shop.belay("rollback", id, "--yes", "--confirm", code)
    #expect(run.status == 0, "\(run)")
    #expect(run.errors.contains("table public.orders: 100 rows, some with different content"), "\(run)")
    // The swap has ended the writer's session.
    #expect(try bench.wait().status != 0)
    #expect(try shop.dump() == good)
  }

  @Test("of two runs of two stores at once the second is refused, and nothing of it is done")
  func twoStores() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration("1.sql", "CREATE TABLE tags (x int);\n\(shop.untilGo())")
    let first = try shop.start("migrate", shop.url, "--yes", "--no-rehearse")
    try shop.waitForStep("applying")
    try shop.waitForSleeper()
    let second = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", "--store", "other")
    #expect(second.status == 11, "\(second)")
    #expect(second.errors.contains("is held by server process"), "\(second)")
    try shop.go()
    let outcome = try first.wait()
    #expect([0, 3].contains(outcome.status), "\(outcome)")
    let again = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", "--store", "other")
    #expect(again.status == 0, "\(again)")
    #expect(again.output.contains("nothing to apply"), "\(again)")
    #expect(try shop.psql("SELECT count(*) FROM belay_migrations") == "1")
    for store in ["backups", "other"] { #expect(try shop.belay("status", "--store", store).status == 0) }
  }

  @Test("--terminate ends who holds a lock for ever, and names him; preflight names him once")
  func terminate() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration("1.sql", "-- belay: lock-timeout 1s\nALTER TABLE orders ADD COLUMN note text;")
    let holder = try shop.session(
      "SET application_name = 'forgotten'; BEGIN; SELECT FROM orders LIMIT 1; SELECT pg_sleep(120); COMMIT")
    try shop.waitForSleeper()
    let refused = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(refused.status == 30, "\(refused)")
    #expect(refused.errors.contains("55P03"), "\(refused)")
    #expect(refused.errors.contains("forgotten"), "\(refused)")
    let doctor = try shop.belay("doctor", shop.url)
    #expect((doctor.errors + doctor.output).ranges(of: "forgotten").count == 1, "\(doctor)")
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", "--terminate")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(run.errors.contains("ended the session of forgotten"), "\(run)")
    #expect(try holder.wait().status != 0)
    #expect(try shop.psql("SELECT count(note) FROM orders") == "0")
  }

  @Test(
    "a database with an odd name is backed up, migrated, rolled back and restored like any other",
    arguments: ["MiXed ünïcode % ☃", "-quo\"ted 'name'; DROP DATABASE x"])
  func oddNames(name: String) throws {
    let database = name + String(UUID().uuidString.prefix(6))
    let shop = try PostgreSQLWorkspace(database: database)
    let before = try shop.dump()
    try shop.migration(
      "1.sql", "CREATE TABLE \"odd \"\"table\"\" é\" (x int);\nINSERT INTO \"odd \"\"table\"\" é\" VALUES (1);")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    let id = try shop.latest()
    let code = try shop.code(for: id)
    let back = try shop.belay("rollback", id, "--yes", "--confirm", code)
    #expect(back.status == 0, "\(back)")
    #expect(try shop.dump() == before)
    // What was rolled back is in the archive that the rollback made.
    let after = try shop.latest()
    let rows = try shop.belay("extract", after, "--table", "public.\"odd \"\"table\"\" é\"", "--as", "csv")
    #expect(rows.output == "x\n1\n", "\(rows)")
    let table = try shop.belay("restore", after, "--into", shop.url, "--table", "odd \"table\" é")
    #expect(table.status == 0, "\(table)")
    #expect(try shop.psql("SELECT x FROM \"odd \"\"table\"\" é\"") == "1")
    let wrong = try shop.belay("extract", after, "--table", "odd \"tabel\" é")
    #expect(wrong.status == 10, "\(wrong)")
    #expect(wrong.errors.contains("did you mean public.odd \"table\" é?"), "\(wrong)")
    let copy = "copy of " + database
    defer { try? shop.server.dropDatabase(copy) }
    let restored = try shop.belay("restore", after, "--into", shop.server.url(copy))
    #expect(restored.status == 0, "\(restored)")
  }

  @Test(
    "Ctrl+C at any station goes back, and says so",
    arguments: ["backingUp", "creatingScratch", "rehearsing", "applying", "statement"])
  func interrupted(step: String) throws {
    let shop = try PostgreSQLWorkspace(schema: PostgreSQLCutTests.big)
    let before = try shop.dump()
    try shop.migration(
      "1.sql",
      (step == "statement" ? "-- belay: no-transaction\nDELETE FROM orders;\n" : "DELETE FROM orders;\n")
        + "SELECT pg_sleep(120);")
    let more = ["applying", "statement"].contains(step) ? ["--no-rehearse"] : []
    let run = try Program.start(
      Program.belay().path, ["migrate", shop.url, "--yes"] + more, in: shop.folder)
    try shop.waitForStep(step)
    if !more.isEmpty { try shop.waitForSleeper() }
    kill(run.process.processIdentifier, SIGINT)
    let outcome = try run.wait()
    #expect(outcome.status == 130, "\(outcome)")
    try shop.expectSound(before, outcome)
  }
}
