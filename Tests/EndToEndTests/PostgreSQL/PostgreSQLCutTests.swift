import DriverTesting
import Foundation
import Testing

@Suite("Connections that are cut, on PostgreSQL", .serialized)
struct PostgreSQLCutTests {
  static let big =
    PostgreSQLWorkspace.shop
    + "CREATE TABLE big AS SELECT i, md5(i::text) AS x FROM generate_series(1, 100000) i; ALTER TABLE big ADD PRIMARY KEY (i);"

  /// What is cut, while what is done, and what comes of it.
  struct Cut: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// On pg_stat_activity; DATABASE is the target's name, SCRATCH the condition of a scratch beside it. Nobody else's
    /// sessions: other tests run at the same time.
    let condition: String
    let command: String
    let sql: String
    let rehearse: Bool
    let status: Set<Int32>

    init(
      _ name: String, _ condition: String, command: String = "migrate",
      sql: String = "CREATE TABLE tags (name text);\nSELECT pg_sleep(2);", rehearse: Bool = false,
      status: Set<Int32> = [30]
    ) {
      (testDescription, self.condition, self.command, self.sql) = (name, condition, command, sql)
      (self.rehearse, self.status) = (rehearse, status)
    }
  }

  static let cuts = [
    Cut(
      "pg_dump's, during the dump",
      "datname = 'DATABASE' AND query LIKE 'COPY public.%TO stdout%'", command: "backup", status: [20]),
    Cut(
      "a reader's, during the backup", "datname = 'DATABASE' AND query LIKE '%COPY (SELECT%'", command: "backup",
      status: [20]),
    Cut(
      "the restore's, while the backup is proven", "SCRATCH AND application_name LIKE 'belay %-%'", status: [1]),
    Cut("the rehearsal's", "SCRATCH AND query LIKE '%pg_sleep%'", rehearse: true),
    Cut(
      "the rehearsal's, at COMMIT", "SCRATCH AND query = 'COMMIT' AND wait_event = 'PgSleep'", sql: slowCommit,
      rehearse: true),
    Cut("the migration's, in a transaction", "datname = 'DATABASE' AND query LIKE '%pg_sleep%'"),
    Cut(
      "the migration's, outside a transaction", "datname = 'DATABASE' AND query LIKE '%pg_sleep%'",
      sql: "-- belay: no-transaction\nDELETE FROM orders WHERE id < 10;\nSELECT pg_sleep(2);"),
    Cut(
      "the migration's, at COMMIT, before it takes effect",
      "datname = 'DATABASE' AND query = 'COMMIT' AND wait_event = 'PgSleep'", sql: slowCommit),
  ]

  /// A constraint that takes its time when the transaction is about to be committed. What a file's own rows defer is
  /// checked at the file's end, so this one is about the ledger's row, which comes after that.
  static let slowCommit = """
    CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(2); RETURN NULL; END$$;
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON belay_migrations DEFERRABLE INITIALLY DEFERRED
      FOR EACH ROW EXECUTE FUNCTION slow();
    """

  @Test("a connection that is cut leaves the database as it was", arguments: cuts)
  func severed(_ cut: Cut) throws {
    let shop = try PostgreSQLWorkspace(schema: Self.big)
    try shop.migration("1.sql", cut.sql)
    let before = try shop.dump()
    let more = cut.command == "backup" ? [] : ["--yes"] + (cut.rehearse ? [] : ["--no-rehearse"])
    let run = try shop.cutting(cut.condition) { try $0.belay([cut.command, shop.url] + more) }
    #expect(cut.status.contains(run.status), "\(run)")
    #expect(run.errors.contains("terminating connection") || run.errors.contains("connection"), "\(run)")
    try shop.expectSound(before, run)
  }

  @Test("a restore into a new database that is cut can be made again under the same name")
  func cutRestore() throws {
    let shop = try PostgreSQLWorkspace(schema: Self.big)
    let before = try shop.dump()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let copy = shop.database + "_copy"
    defer { try? shop.server.dropDatabase(copy) }
    let arguments = ["restore", "latest", "--into", shop.server.url(copy)]
    let run = try shop.cutting("datname = '\(copy)' AND application_name LIKE 'belay %-%'") {
      try $0.belay(arguments)
    }
    #expect(run.status == 1, "\(run)")
    #expect(run.errors.contains("contains nothing of it"), "\(run)")
    let again = try shop.belay(arguments)
    #expect(again.status == 0, "\(again)\n\(run)")
    #expect(try shop.server.dump(copy) == before)
    try shop.expectSound(before, run)
  }

  @Test(
    "a connection that is cut in a rollback: the rollback ends well, or the database is as it was",
    arguments: ["SCRATCH AND application_name LIKE 'belay %-%'", PostgreSQLWorkspace.swapping])
  func cutRollback(condition: String) throws {
    let shop = try PostgreSQLWorkspace(schema: Self.big)
    let good = try shop.dump()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let id = try shop.latest()
    try shop.psql("CREATE TABLE tags (customer int REFERENCES customers); DELETE FROM orders WHERE id < 50")
    let before = try shop.dump()
    let code = try shop.code(for: id)
    let run = try shop.cutting(condition) { try $0.belay("rollback", id, "--yes", "--confirm", code) }
    #expect([0, 1, 3, 20, 21].contains(run.status), "\(run)")
    try shop.expectSound([0, 3].contains(run.status) ? good : before, run)
  }

  @Test(
    "a connection that is cut on the way back of a failed migration: it is gone another way, or back again",
    arguments: ["SCRATCH AND application_name LIKE 'belay %-%'", PostgreSQLWorkspace.swapping])
  func cutWayBack(condition: String) throws {
    let shop = try PostgreSQLWorkspace(schema: Self.big)
    let before = try shop.dump()
    try shop.migration("1.sql", "-- belay: no-transaction\nDELETE FROM orders;\nSELECT missing;")
    // The backup's own proof restores too: what is cut comes after.
    let run = try shop.start("migrate", shop.url, "--yes", "--no-rehearse")
    try shop.waitForStep("applying")
    let outcome = try shop.cutting(condition) { _ in try run.wait() }
    #expect(outcome.status == 30, "\(outcome)")
    try shop.expectSound(before, outcome)
  }

  @Test("a server that goes away in the middle is said to be gone, and recover ends the run when it is back")
  func serverGone() throws {
    let server = try PostgreSQLServer(programs: PostgreSQLServer.shared().programs)
    let shop = try PostgreSQLWorkspace(server: server)
    let before = try shop.dump()
    try shop.migration("1.sql", "CREATE TABLE tags (name text);\nSELECT pg_sleep(30);")
    let run = try shop.start("migrate", shop.url, "--yes", "--no-rehearse")
    try shop.waitForStep("applying")
    try shop.waitForSleeper()
    try server.control("-m immediate stop")
    let outcome = try run.wait()
    #expect([30, 40].contains(outcome.status), "\(outcome)")
    try server.control("-l log start")
    let recovery = try shop.belay("recover")
    #expect(recovery.status == 0, "\(recovery)\n\(outcome)")
    try shop.expectSound(before, outcome)
  }
}
