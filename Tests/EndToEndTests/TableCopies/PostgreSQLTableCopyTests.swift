import DriverTesting
import Foundation
import Testing

@Suite("Copies of tables inside a PostgreSQL database")
struct PostgreSQLTableCopyTests {
  private static func day() -> String { Date().formatted(.iso8601.year().month().day().dateSeparator(.omitted)) }

  @Test func `nobody may read a copy but its owner, and it goes back whatever the columns are`() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.psql(
      """
      CREATE SCHEMA "S p";
      ALTER DEFAULT PRIVILEGES IN SCHEMA "S p" GRANT SELECT ON TABLES TO PUBLIC, pg_monitor;
      CREATE TABLE "S p"."T" (id int GENERATED ALWAYS AS IDENTITY, part int, j json, amount numeric,
        twice numeric GENERATED ALWAYS AS (amount * 2) STORED, f float8, PRIMARY KEY (id, part));
      INSERT INTO "S p"."T" (part, j, amount, f) SELECT i % 2, '{"a": 1}', i / 10.0, i / 3.0 FROM generate_series(1, 50) i;
      """)
    let made = try shop.belay("snapshot-table", shop.url, "--table", "S p.T", "--table", "log", "--table", "orders")
    try #require(made.status == 0, "\(made)")
    let copy = "_backup_T_\(Self.day())"
    #expect(
      try shop.psql("SELECT count(*), max(cardinality(relacl)) FROM pg_class WHERE relname IN ('\(copy)')") == "1|1")
    #expect(try shop.psql("SELECT count(*) FROM pg_class WHERE relname = 'T' AND cardinality(relacl) = 3") == "1")
    let rows = "SELECT * FROM \"S p\".\"T\" ORDER BY id"
    let before = try shop.psql(rows)
    // Equal to the engine, and yet not the same.
    try shop.psql(
      """
      UPDATE "S p"."T" SET amount = 0.100 WHERE id = 1; UPDATE "S p"."T" SET j = '{"a":1}' WHERE id = 2;
      UPDATE "S p"."T" SET f = '-0' WHERE id = 3; DELETE FROM "S p"."T" WHERE id IN (4, 5);
      INSERT INTO "S p"."T" (part, amount) VALUES (7, 7);
      """)
    let tuple = "SELECT xmin FROM \"S p\".\"T\" WHERE id = 20"
    let untouched = try shop.psql(tuple)
    let run = try shop.belay("restore", "--from-table", "S p.\(copy)", "--into", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.psql(rows) == before)
    #expect(try shop.psql(tuple) == untouched)
    // No index of belay's is left behind.
    #expect(try shop.psql("SELECT count(*) FROM pg_class WHERE relname = 'belay_copy_key'") == "0")
  }

  @Test func `several tables are of one instant, and one that was killed leaves nothing`() throws {
    let shop = try PostgreSQLWorkspace()
    // The second table to be read is locked: the first is copied by then.
    let holder = try shop.session("BEGIN; LOCK TABLE orders; SELECT pg_sleep(600)")
    try shop.waitForSleeper()
    func start() throws -> Program.Running {
      let running = try shop.start("snapshot-table", shop.url, "--table", "customers", "--table", "orders")
      try shop.waitForSession("datname = \(shop.literal) AND wait_event_type = 'Lock'")
      return running
    }
    let killed = try start()
    for child in try killed.children() { kill(child, SIGKILL) }
    kill(killed.process.processIdentifier, SIGKILL)
    _ = try killed.wait()
    try shop.end("datname = \(shop.literal) AND wait_event_type = 'Lock'")
    #expect(try shop.psql("SELECT count(*) FROM pg_class WHERE relname ~ '^(_backup|belay_table)'") == "0")

    let running = try start()
    try shop.psql("DELETE FROM log; INSERT INTO customers(name) VALUES ('later')")
    try shop.endSleepers()
    _ = try holder.wait()
    let run = try running.wait()
    #expect(run.status == 0 && run.errors.contains("copied 2 tables"), "\(run)")
    #expect(try shop.psql("SELECT count(*) FROM _backup_customers_\(Self.day())") == "20")
  }
}
