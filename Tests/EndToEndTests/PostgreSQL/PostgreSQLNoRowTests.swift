import DriverTesting
import Foundation
import Testing

@Suite("A failure outside a transaction that has changed no row", .serialized)
struct PostgreSQLNoRowTests {
  /// A migration that cannot get its lock, and what is left of it: the index that is named.
  static let statements = [
    (sql: "CREATE INDEX CONCURRENTLY by_cents ON orders(cents);", left: "by_cents"),
    (sql: "REINDEX INDEX CONCURRENTLY orders_by_customer;", left: "orders_by_customer_ccnew"),
    (sql: "REINDEX TABLE CONCURRENTLY orders;", left: "orders_by_customer_ccnew"),
    (sql: "VACUUM FULL orders;", left: ""),
    (sql: "CREATE TYPE mood AS ENUM ('ok');\nALTER TYPE mood ADD VALUE 'ok';", left: ""),
    (sql: "ALTER TABLE parted DETACH PARTITION part CONCURRENTLY;", left: "part"),
    (sql: "DROP INDEX CONCURRENTLY orders_by_customer;", left: "orders_by_customer"),
  ]

  private func shop(_ sql: String) throws -> PostgreSQLWorkspace {
    let shop = try PostgreSQLWorkspace()
    try shop.psql(
      """
      CREATE TABLE parted (a int) PARTITION BY LIST (a); CREATE TABLE part PARTITION OF parted FOR VALUES IN (1);
      CREATE TABLE settings (a int); INSERT INTO settings VALUES (1);
      """)
    try shop.migration("1.sql", "-- belay: no-transaction\n-- belay: lock-timeout 1s\n" + sql)
    return shop
  }

  /// What others took from a sequence, and lost again, stays taken.
  private func content(_ shop: PostgreSQLWorkspace) throws -> String {
    try shop.dump().split(separator: "\n").filter { !$0.contains("setval") }.joined(separator: "\n")
  }

  /// Somebody's open transaction, which writes to each of the tables.
  private func holder(_ shop: PostgreSQLWorkspace) throws -> Program.Running {
    let running = try shop.session(
      """
      BEGIN; INSERT INTO orders(customer, cents) VALUES (1, 999); INSERT INTO parted VALUES (1);
      SELECT pg_sleep(120); COMMIT
      """)
    try shop.waitForSleeper()
    return running
  }

  /// Somebody who writes all along, until it is ended.
  private func writer(in shop: PostgreSQLWorkspace) throws -> Program.Running {
    try shop.write("INSERT INTO log VALUES ('now', 'by others');\n", to: "writer.sql")
    return try Program.start(
      shop.server.programs + "/pgbench", ["-n", "-c", "1", "-t", "100000", "-R", "50", "-f", "writer.sql", shop.url],
      in: shop.folder)
  }

  @Test("never swaps the database: what cannot be dropped is named, and others keep their rows", arguments: statements)
  func kept(_ statement: (sql: String, left: String)) throws {
    let shop = try shop(statement.sql)
    let number = "SELECT oid FROM pg_database WHERE datname = current_database()"
    let (before, database) = (try content(shop), try shop.psql(number))
    let holder = try holder(shop)
    let bench = try writer(in: shop)
    defer { kill(bench.process.processIdentifier, SIGKILL) }
    try eventually("the first writes") { try shop.psql("SELECT count(*) > 1 FROM log") == "t" }
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(try shop.psql(number) == database, "\(run)")
    #expect(bench.process.isRunning && holder.process.isRunning, "a session was ended\n\(run)")
    #expect([30, 40].contains(run.status), "\(run)")
    if run.status == 40 {
      #expect(run.errors.contains("the run changed no row") && run.errors.contains(statement.left), "\(run)")
      #expect(run.errors.contains("table public.log: at least"), "\(run)")
    }
    try shop.stop(bench)
    try shop.endSleepers()
    _ = try holder.wait()
    if run.status == 40 {
      // A partition that is half detached is for a person to attach again.
      if statement.left == "part" {
        try shop.psql("ALTER TABLE parted DETACH PARTITION part FINALIZE")
        try shop.psql("ALTER TABLE parted ATTACH PARTITION part FOR VALUES IN (1)")
        let check = try shop.psql("SELECT conname FROM pg_constraint WHERE conrelid = 'part'::regclass")
        if !check.isEmpty { try shop.psql("ALTER TABLE part DROP CONSTRAINT \(check)") }
      }
      if statement.sql.hasPrefix("DROP") {
        try shop.psql("DROP INDEX IF EXISTS orders_by_customer; CREATE INDEX orders_by_customer ON orders(customer)")
      }
      let recovery = try shop.belay("recover")
      #expect(recovery.status == 0, "\(recovery)\n\(run)")
    }
    #expect(try shop.psql(number) == database)
    #expect(try shop.psql("SELECT count(*) > 1 FROM log") == "t")
    try shop.psql("TRUNCATE log")
    #expect(try content(shop) == before, "\(run)")
    #expect(try shop.belay("status").status == 0)
  }

  /// What may write rows, before a statement that cannot get its lock; and what is left of both.
  static let unrehearsed = [
    (sql: "CREATE TABLE tags (name text);\nALTER TABLE tags ADD COLUMN more int DEFAULT 1;", left: "by_cents"),
    (sql: "ALTER TABLE settings ALTER COLUMN a SET DEFAULT 5;", left: "settings"),
  ]

  @Test("without a rehearsal too: it is looked at whether the statements have changed a row", arguments: unrehearsed)
  func compared(_ statement: (sql: String, left: String)) throws {
    let shop = try shop(statement.sql + "\nCREATE INDEX CONCURRENTLY by_cents ON orders(cents);")
    let number = "SELECT oid FROM pg_database WHERE datname = current_database()"
    let database = try shop.psql(number)
    let holder = try holder(shop)
    let bench = try writer(in: shop)
    defer { kill(bench.process.processIdentifier, SIGKILL) }
    try eventually("the first writes") { try shop.psql("SELECT count(*) > 1 FROM log") == "t" }
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(run.status == 40, "\(run)")
    #expect(try shop.psql(number) == database, "\(run)")
    #expect(bench.process.isRunning && holder.process.isRunning, "a session was ended\n\(run)")
    #expect(run.errors.contains("the run changed no row") && run.errors.contains(statement.left), "\(run)")
    #expect(try shop.psql("SELECT to_regclass('tags') IS NULL") == "t", "\(run)")
    try shop.stop(bench)
    try shop.endSleepers()
    _ = try holder.wait()
    // Recovery does not take them either.
    let recovery = try shop.belay("recover")
    #expect(recovery.status == (statement.left == "by_cents" ? 0 : 40), "\(recovery)\n\(run)")
    #expect(try shop.psql("SELECT count(*) > 1 FROM log") == "t")
    #expect(try shop.psql(number) == database)
  }

  @Test("recovery puts the backup in place only where that was agreed to")
  func agreed() throws {
    let shop = try shop("ALTER TABLE parted DETACH PARTITION part CONCURRENTLY;")
    let before = try content(shop)
    let holder = try holder(shop)
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 40, "\(run)")
    #expect(run.errors.contains("recover") && run.errors.contains("--yes"), "\(run)")
    try shop.endSleepers()
    _ = try holder.wait()
    try shop.psql("INSERT INTO log VALUES ('later', 'by others')")
    let refused = try shop.belay("recover")
    #expect(refused.status == 40, "\(refused)")
    #expect(try shop.psql("SELECT count(*) FROM log") == "1")
    let recovery = try shop.belay("recover", "--yes")
    #expect(recovery.status == 0, "\(recovery)")
    #expect(try content(shop) == before)
  }

  @Test("an index that could not be finished is dropped by name as soon as nobody is in its way")
  func dropped() throws {
    let shop = try shop("CREATE UNIQUE INDEX CONCURRENTLY one ON orders(customer);")
    let before = try shop.dump()
    let sleeper = try shop.session("BEGIN; SELECT count(*) FROM log; SELECT pg_sleep(120); COMMIT")
    try shop.waitForSleeper()
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(run.status == 30, "\(run)")
    #expect(run.errors.contains("dropped again") && run.errors.contains("orders.one"), "\(run)")
    #expect(sleeper.process.isRunning)
    #expect(try shop.dump() == before)
    try shop.endSleepers()
    _ = try sleeper.wait()
  }
}
