import DriverTesting
import Foundation
import Testing

@Suite("What others can do while a migration has its transaction open on PostgreSQL", .serialized)
struct PostgreSQLBesideTests {
  private static let schema = """
    CREATE TABLE theirs (id serial PRIMARY KEY, n int DEFAULT 1 + 1 CHECK (n > 0));
    INSERT INTO theirs(n) SELECT i FROM generate_series(1, 20) i;
    CREATE VIEW of_theirs AS SELECT sum(n) FROM theirs;
    CREATE MATERIALIZED VIEW summed AS SELECT sum(n) FROM theirs;
    CREATE SEQUENCE alone;
    """

  /// With what the migration does not name.
  static let doings = [
    "TRUNCATE theirs RESTART IDENTITY", "ALTER SEQUENCE alone RESTART WITH 500", "DROP SEQUENCE alone",
    "DROP TABLE theirs CASCADE", "ALTER TABLE theirs ALTER id TYPE bigint, ADD COLUMN more text DEFAULT 'x'",
    "REFRESH MATERIALIZED VIEW summed", "CREATE TABLE fresh (id serial PRIMARY KEY, n int DEFAULT 3)",
  ]

  @Test("is not held up by it", arguments: doings)
  func isNotHeldUp(doing: String) throws {
    let shop = try PostgreSQLWorkspace(schema: PostgreSQLWorkspace.shop + Self.schema)
    try shop.migration("1.sql", "ALTER TABLE orders ADD COLUMN note text;\n\(shop.untilGo())")
    let running = try shop.start("migrate", shop.url, "--yes")
    try shop.waitForStep("applying")
    try shop.waitForSleeper()
    try shop.psql("SET lock_timeout = '5s'; \(doing)")
    try shop.go()
    let run = try running.wait()
    #expect([0, 3].contains(run.status), "\(doing): \(run)")
    #expect(try shop.psql("SELECT count(*) - count(note) FROM orders") == "100")
  }

  @Test("may hold the migration up, which waits for them as long as a statement would")
  func isWaitedFor() throws {
    let shop = try PostgreSQLWorkspace(schema: PostgreSQLWorkspace.shop + Self.schema)
    try shop.migration("1.sql", "ALTER TABLE orders ADD COLUMN note text;\n\(shop.untilGo())")
    let running = try shop.start("migrate", shop.url, "--yes")
    try shop.waitForStep("applying")
    try shop.waitForSleeper()
    // The definitions of a table's defaults cannot be read while somebody has it to himself.
    let holder = try shop.session("BEGIN; LOCK TABLE theirs; SELECT pg_sleep(600)")
    try shop.waitForSession("datname = \(shop.literal) AND query LIKE '%LOCK TABLE theirs%' AND wait_event = 'PgSleep'")
    try shop.go()
    try shop.waitForSession("datname = \(shop.literal) AND wait_event_type = 'Lock'")
    // Longer than one try waits.
    usleep(4_000_000)
    #expect(holder.process.isRunning)
    try shop.endSleepers()
    let run = try running.wait()
    #expect([0, 3].contains(run.status), "\(run)")
    _ = try holder.wait()
    #expect(try shop.psql("SELECT count(*) - count(note) FROM orders") == "100")
  }

  @Test("goes on all the time: tables come and go beside one migration after the other")
  func tablesComeAndGo() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.write(
      """
      CREATE TABLE IF NOT EXISTS made_:client_id (id serial PRIMARY KEY, what text DEFAULT 'a' || 'b');
      INSERT INTO made_:client_id(what) VALUES ('x');
      DROP TABLE made_:client_id;

      """, to: "work.sql")
    let bench = try Program.start(
      shop.server.programs + "/pgbench", ["-n", "-c", "4", "-t", "100000", "-R", "40", "-f", "work.sql", shop.url],
      in: shop.folder)
    defer { kill(bench.process.processIdentifier, SIGKILL) }
    for round in 1...4 {
      try shop.migration("\(round).sql", "ALTER TABLE orders ADD COLUMN c\(round) int;\nSELECT pg_sleep(0.2);")
      let run = try shop.belay("migrate", shop.url, "--yes")
      #expect([0, 3].contains(run.status), "\(run)")
      #expect(!(run.output + run.errors).contains("trying again"), "\(run)")
    }
    #expect(bench.process.isRunning, "the others have ended before the migrations")
    try shop.stop(bench)
    #expect(try shop.psql("SELECT count(*) FROM belay_migrations") == "4")
  }
}
