import DriverTesting
import Foundation
import Testing

@Suite("Copies of tables inside a PostgreSQL database")
struct PostgreSQLTableCopyTests {
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
    let copy = try shop.copy(of: "T")
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
    #expect(try shop.psql("SELECT count(*) FROM \(shop.copy(of: "customers"))") == "20")
  }

  @Test func `rows that other tables hold are not copied, and not written`() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.psql(
      """
      CREATE FOREIGN DATA WRAPPER nothing; CREATE SERVER away FOREIGN DATA WRAPPER nothing;
      CREATE FOREIGN TABLE outside (id int) SERVER away;
      CREATE TABLE days (id int, day date) PARTITION BY RANGE (day);
      CREATE TABLE days_2026 PARTITION OF days FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
      INSERT INTO days VALUES (1, '2026-05-05');
      CREATE TABLE mother (id int PRIMARY KEY, v text); INSERT INTO mother VALUES (1, 'a');
      """)
    let away = try shop.belay("snapshot-table", shop.url, "--table", "outside")
    #expect(away.status == 22 && away.errors.contains("outside the database"), "\(away)")
    let made = try shop.belay("snapshot-table", shop.url, "--table", "days", "--table", "mother")
    #expect(made.status == 0, "\(made)")
    try shop.psql(
      """
      CREATE TABLE daughter () INHERITS (mother); INSERT INTO daughter VALUES (9, 'new'); UPDATE mother SET v = 'b';
      CREATE FOREIGN TABLE days_2027 PARTITION OF days FOR VALUES FROM ('2027-01-01') TO ('2028-01-01') SERVER away;
      DELETE FROM days_2026;
      """)
    for (table, words) in [("mother", "daughter inherits from"), ("days", "a part of public.days")] {
      let run = try shop.belay(
        "restore", "--from-table", shop.copy(of: table), "--into", shop.url, "--yes")
      #expect(run.status == 22 && run.errors.contains(words), "\(run)")
    }
    #expect(try shop.psql("SELECT count(*) FROM daughter") == "1")
    let again = try shop.belay("snapshot-table", shop.url, "--table", "mother")
    #expect(again.status == 22 && again.errors.contains("inherits from"), "\(again)")
  }

  @Test func `what is allowed for a table is not allowed for another schema's table of that name`() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.psql(
      """
      CREATE SCHEMA sales; CREATE SCHEMA archive; CREATE TABLE sales.things (id int PRIMARY KEY);
      CREATE TABLE archive.things (id int PRIMARY KEY, thing int REFERENCES sales.things ON DELETE CASCADE);
      INSERT INTO sales.things VALUES (1); INSERT INTO archive.things VALUES (1, 1);
      """)
    try #require(try shop.belay("snapshot-table", shop.url, "--table", "sales.things").status == 0)
    try shop.psql("INSERT INTO sales.things VALUES (2); INSERT INTO archive.things VALUES (2, 2)")
    let arguments = ["restore", "--from-table", try "sales.\(shop.copy(of: "things"))", "--into", shop.url, "--yes"]
    for more in [[], ["--allow-loss-of", "sales.things"]] {
      let run = try shop.belay(arguments + more)
      #expect(run.status == 31 && run.errors.contains("archive.things"), "\(run)")
    }
    try shop.migration("1.sql", "-- belay: allow-loss sales.things\nDELETE FROM sales.things WHERE id = 2;")
    let migrated = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(migrated.status == 31, "\(migrated)")
    #expect(try shop.psql("SELECT count(*) FROM archive.things") == "2")
    let allowed = try shop.belay(arguments + ["--allow-loss-of", "archive.things"])
    #expect([0, 3].contains(allowed.status), "\(allowed)")
    #expect(try shop.psql("SELECT count(*) FROM archive.things") == "1")
  }

  @Test func `a copy that is being changed is not dropped, and values of new columns are not lost without a word`()
    throws
  {
    let shop = try PostgreSQLWorkspace()
    try #require(try shop.belay("snapshot-table", shop.url, "--table", "log", "--table", "customers").status == 0)
    let copy = try shop.copy(of: "log")
    let holder = try shop.session("BEGIN; INSERT INTO \(copy) VALUES ('by', 'hand'); \(shop.untilGo()) COMMIT")
    try shop.waitForSleeper()
    let running = try shop.start("snapshot-table", shop.url, "--drop", copy, "--confirm")
    try shop.waitForSession("datname = \(shop.literal) AND wait_event_type = 'Lock'")
    // Its sleep ends, and then its transaction, well.
    try shop.go()
    _ = try holder.wait()
    let run = try running.wait()
    #expect(run.status == 22 && run.errors.contains("somebody has changed it"), "\(run)")
    #expect(try shop.psql("SELECT count(*) FROM \(copy)") == "1")

    try shop.psql("DROP TABLE \(copy); INSERT INTO log VALUES ('now', 'one')")
    try #require(try shop.belay("snapshot-table", shop.url, "--table", "log").status == 0)
    try shop.psql(
      "ALTER TABLE log ADD COLUMN who text; UPDATE log SET who = 'me'; INSERT INTO log VALUES ('x', 'y', 'z')")
    let arguments = ["restore", "--from-table", "\(copy)_2", "--into", shop.url, "--yes"]
    let refused = try shop.belay(arguments)
    #expect(refused.status == 22 && refused.errors.contains("would lose their values of who"), "\(refused)")
    let allowed = try shop.belay(arguments + ["--allow-loss-of", "log"])
    #expect([0, 3].contains(allowed.status), "\(allowed)")
    #expect(try shop.psql("SELECT * FROM log") == "now|one|")
  }
}
