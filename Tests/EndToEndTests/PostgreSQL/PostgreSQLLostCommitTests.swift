import DriverTesting
import Foundation
import Testing

/// COMMIT waits for a standby that never comes. Whoever's session is ended meanwhile gets no answer, and what was to be
/// committed is: the server had written it before it began to wait.
@Suite("A COMMIT whose answer is lost, on PostgreSQL", .serialized)
struct PostgreSQLLostCommitTests {
  private static let lonely = Result {
    try PostgreSQLServer(
      programs: PostgreSQLServer.shared().programs,
      settings: ["synchronous_standby_names = 'nobody'", "synchronous_commit = local"])
  }

  /// What a file sets itself would end with the file, before COMMIT.
  private static let waiting = """
    CREATE TABLE tags (name text);
    CREATE FUNCTION waits() RETURNS trigger LANGUAGE plpgsql AS
      $$BEGIN PERFORM set_config('synchronous_commit', 'on', true); RETURN NULL; END$$;
    CREATE CONSTRAINT TRIGGER waits AFTER INSERT ON belay_migrations DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
      WHEN (NEW.name = '1.sql') EXECUTE FUNCTION waits();
    """

  private func waiter(_ shop: PostgreSQLWorkspace) -> String {
    "datname = '\(shop.database)' AND query = 'COMMIT' AND wait_event = 'SyncRep'"
  }

  private func expectApplied(_ names: [String], _ shop: PostgreSQLWorkspace, _ run: Program.Outcome) throws {
    #expect(try shop.psql("SELECT name FROM belay_migrations ORDER BY 1") == names.joined(separator: "\n"), "\(run)")
    #expect(try shop.psql("SELECT count(*) FROM tags") == "0", "\(run)")
    try shop.expectSound(try shop.dump(), run)
  }

  @Test("it has taken effect, as the ledger says, and the run goes on", arguments: [false, true])
  func ended(withMoreToCome: Bool) throws {
    let shop = try PostgreSQLWorkspace(server: try Self.lonely.get())
    try shop.migration("1.sql", Self.waiting)
    if withMoreToCome {
      try shop.migration("2.sql", "-- belay: no-transaction\nCREATE INDEX CONCURRENTLY by_name ON tags(name);")
    }
    let run = try shop.cutting(waiter(shop)) { try $0.belay("migrate", shop.url, "--yes", "--no-rehearse") }
    #expect(run.status == 3, "\(run)")
    #expect(run.errors.contains("the ledger says that it took effect"), "\(run)")
    try expectApplied(withMoreToCome ? ["1.sql", "2.sql"] : ["1.sql"], shop, run)
  }

  @Test("a later one fails after it: all of it goes back")
  func failingLater() throws {
    let shop = try PostgreSQLWorkspace(server: try Self.lonely.get())
    let before = try shop.dump()
    try shop.migration("1.sql", Self.waiting)
    try shop.migration("2.sql", "-- belay: no-transaction\nSELECT missing;")
    let run = try shop.cutting(waiter(shop)) { try $0.belay("migrate", shop.url, "--yes", "--no-rehearse") }
    #expect(run.status == 30, "\(run)")
    try shop.expectSound(before, run)
  }

  @Test("the server is killed and comes back: it is asked again until it answers")
  func serverRestarted() throws {
    let server = try PostgreSQLServer(
      programs: PostgreSQLServer.shared().programs,
      settings: ["synchronous_standby_names = 'nobody'", "synchronous_commit = local"])
    let shop = try PostgreSQLWorkspace(server: server)
    try shop.migration("1.sql", Self.waiting)
    let run = try shop.start("migrate", shop.url, "--yes", "--no-rehearse")
    try shop.waitForSession(waiter(shop))
    try server.control("-m immediate stop")
    try server.control("-l log start")
    let outcome = try run.wait()
    #expect(outcome.status == 3, "\(outcome)")
    try expectApplied(["1.sql"], shop, outcome)
  }

  @Test("the worker is killed while the server is still at it: recovery waits for what comes of it")
  func workerKilled() throws {
    let shop = try PostgreSQLWorkspace(server: try Self.lonely.get())
    try shop.migration("1.sql", Self.waiting)
    let run = try shop.start("migrate", shop.url, "--yes", "--no-rehearse")
    try shop.waitForSession(waiter(shop))
    for child in try run.children() { kill(child, SIGKILL) }
    // Recovery writes the same row, and has to wait for it.
    try shop.waitForSession(
      "datname = '\(shop.database)' AND wait_event_type = 'Lock' AND query LIKE '%belay_migrations%'")
    try shop.end(waiter(shop))
    let outcome = try run.wait()
    #expect(outcome.status == 0, "\(outcome)")
    try expectApplied(["1.sql"], shop, outcome)
  }
}
