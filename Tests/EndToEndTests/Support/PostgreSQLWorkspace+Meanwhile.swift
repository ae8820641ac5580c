import DriverTesting
import Foundation
import Testing

/// What others do to the database while belay works on it, and what must hold afterwards.
extension PostgreSQLWorkspace {
  func start(_ arguments: String...) throws -> Program.Running {
    try Program.start(Program.belay().path, arguments, in: folder)
  }

  /// A file that the server sees.
  private var gate: String { "\(server.folder)/go-\(folder.lastPathComponent)" }

  /// A query that sleeps until the test opens the gate. It calls nothing but functions of the system's, as
  /// `SELECT pg_sleep(1)` does.
  /// - Parameter inCopies: in a rehearsal too.
  func untilGo(inCopies: Bool = false) -> String {
    """
    WITH RECURSIVE look(i, isOpen) AS (
      SELECT 0, \(inCopies ? "false" : "current_database() <> \(literal)")
      UNION ALL
      SELECT i + 1, (pg_stat_file('\(gate)', true)).size IS NOT NULL FROM look, pg_sleep(0.02 + 0 * i) WHERE NOT isOpen)
    SELECT count(*) FROM look;
    """
  }

  /// Opens the gate: whoever sleeps until then goes on. The server's folder goes with the server, and the file with it.
  func go() throws { try Data().write(to: URL(filePath: gate)) }

  /// The journals of all runs.
  func journals() -> String {
    let runs = store.appending(path: "runs")
    // There is none before the first run.
    let names = (try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []
    return names.sorted().compactMap {
      try? String(contentsOf: runs.appending(path: "\($0)/journal.ndjson"), encoding: .utf8)
    }.joined()
  }

  func waitForStep(_ step: String) throws {
    try eventually("step \(step)") { journals().contains("\"\(step)\"") }
  }

  /// The session that swaps a copy in: the cutter holds the database's name, so that it has to wait.
  static let swapping = "query LIKE '%\"DATABASE\" RENAME TO%' AND wait_event_type = 'Lock'"

  /// In the text of what this workspace's cutters run.
  private var mark: String { "cutter of \(folder.lastPathComponent)" }

  /// A session of somebody else's that waits until one shows up that fits a condition on pg_stat_activity, and ends it.
  /// Its own loop, in the server: what it waits for lasts some milliseconds.
  func cutter(_ condition: String) throws -> Program.Running {
    let running = try Program.start(
      server.programs + "/psql",
      [
        "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", server.url("postgres"), "-c",
        """
        BEGIN;
        \(condition.contains("RENAME") ? "COMMENT ON DATABASE \(PostgreSQLServer.quoted(database)) IS 'held';" : "")
        DO $do$BEGIN  -- \(mark)
          FOR i IN 1..200000 LOOP
            PERFORM pg_stat_clear_snapshot();
            PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE pid <> pg_backend_pid() AND query NOT LIKE '%pg_stat_clear_snapshot%' AND (\(condition));
            IF FOUND THEN RETURN; END IF;
            PERFORM pg_sleep(0.001);
          END LOOP;
          RAISE 'nobody came';
        END$do$;
        ROLLBACK
        """,
      ], in: folder)
    try waitForSession("query LIKE '%-- \(mark)%'")
    return running
  }

  /// Does something while a cutter waits for its moment, which must come.
  /// - Parameter condition: DATABASE is the target's name, SCRATCH the condition of a scratch beside it.
  func cutting(
    _ condition: String, location: SourceLocation = #_sourceLocation,
    _ body: (PostgreSQLWorkspace) throws -> Program.Outcome
  ) throws -> Program.Outcome {
    let cutter = try cutter(
      condition.replacing("DATABASE", with: database).replacing("SCRATCH", with: inScratch))
    let run = try body(self)
    // Also where nobody came: a signal that is blocked in the tests is blocked in their children.
    try end("query LIKE '%-- \(mark)%'")
    let cutting = try cutter.wait()
    #expect(cutting.status == 0, "nothing was cut: \(cutting)\n\(run)", sourceLocation: location)
    return run
  }

  /// Ends pgbench, and waits until its sessions are gone. Milder signals may be blocked in the tests' children.
  func stop(_ bench: Program.Running) throws {
    kill(bench.process.processIdentifier, SIGKILL)
    _ = try bench.wait()
    try eventually("pgbench's end") {
      try psql(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'pgbench'")
        == "0"
    }
  }

  /// Ends the sessions that fit a condition on pg_stat_activity.
  func end(_ condition: String) throws {
    try server.psql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND (\(condition))")
  }

  func endSleepers() throws { try end("datname = \(literal) AND wait_event = 'PgSleep'") }

  func waitForSession(_ condition: String) throws {
    try eventually("a session with \(condition)") {
      try server.psql("SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND (\(condition))") != "0"
    }
  }

  /// The code that a rollback wants to be confirmed with now.
  func code(for id: String, location: SourceLocation = #_sourceLocation) throws -> String {
    let plan = try belay("rollback", id)
    return String(
      try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)", sourceLocation: location).0)
  }

  /// Databases of belay's that lie beside this one, as a condition on pg_stat_activity.
  var inScratch: String {
    "datname <> \(literal) AND datname IN (SELECT datname FROM pg_database WHERE strpos(shobj_description(oid, 'pg_database'), quote_ident(\(literal))) > 0)"
  }

  /// A session of somebody else's: runs SQL in one transaction, and ends.
  func session(_ sql: String, user: String = "postgres") throws -> Program.Running {
    try Program.start(
      server.programs + "/psql", ["-X", "-q", "-c", sql, "-d", server.url(database, user: user)], in: folder)
  }

  /// Waits until a session of somebody else's sleeps.
  func waitForSleeper() throws {
    try eventually("somebody sleeping") {
      try psql(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'") != "0"
    }
  }

  /// As before, nothing left beside it, nothing open; and a good migration goes well.
  func expectSound(_ before: String, _ run: Program.Outcome, location: SourceLocation = #_sourceLocation) throws {
    #expect(try dump() == before, "\(run)", sourceLocation: location)
    let status = try belay("status")
    // 3: no backup had been made.
    #expect([0, 3].contains(status.status), "\(status)\n\(run)", sourceLocation: location)
    #expect(try leftovers().filter { !status.output.contains($0) } == [], "\(run)", sourceLocation: location)
    let partial = try FileManager.default.subpathsOfDirectory(atPath: store.path).filter { $0.hasSuffix(".partial") }
    #expect(partial == [], "\(run)", sourceLocation: location)
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.appending(path: "migrations").path) {
      try FileManager.default.removeItem(at: folder.appending(path: "migrations/\(name)"))
    }
    try migration("9_good.sql", "CREATE TABLE good (id int);")
    let good = try belay("migrate", url, "--yes", "--no-rehearse")
    #expect([0, 3].contains(good.status), "\(good)\n--- after\n\(run)", sourceLocation: location)
  }
}
