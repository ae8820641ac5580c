import DriverTesting
import Foundation
import Testing

@Suite("Connections that are cut, locks and timeouts, on PostgreSQL")
struct PostgreSQLFaultTests {
  static let big =
    PostgreSQLWorkspace.shop
    + "CREATE TABLE big AS SELECT i, md5(i::text) AS x FROM generate_series(1, 100000) i; ALTER TABLE big ADD PRIMARY KEY (i);"

  // MARK: Connections cut

  /// What is cut, while what is done, and what comes of it.
  struct Cut: Sendable, CustomTestStringConvertible {
    let testDescription: String
    /// On pg_stat_activity; DATABASE is the target's name, SCRATCH the condition of a scratch beside it.
    let condition: String
    var command = "migrate"
    var sql = "CREATE TABLE tags (name text);\nSELECT pg_sleep(2);"
    var rehearse = false
    var status: Set<Int32> = [30]
    init(
      _ name: String, _ condition: String, command: String = "migrate", sql: String? = nil, rehearse: Bool = false,
      status: Set<Int32> = [30]
    ) {
      (testDescription, self.condition, self.command) = (name, condition, command)
      (self.rehearse, self.status) = (rehearse, status)
      if let sql { self.sql = sql }
    }
  }

  static let cuts = [
    Cut(
      "pg_dump's, during the dump",
      "datname = 'DATABASE' AND application_name LIKE '%dump%'", command: "backup", status: [20]),
    Cut(
      "a reader's, during the backup", "datname = 'DATABASE' AND query LIKE '%COPY (SELECT%'", command: "backup",
      status: [20]),
    Cut(
      "the restore's, while the backup is proven", "SCRATCH AND application_name LIKE '%restore%'", status: [20, 21]),
    Cut("the rehearsal's", "SCRATCH AND query LIKE '%pg_sleep%'", rehearse: true, status: [30]),
    Cut("the migration's, in a transaction", "datname = 'DATABASE' AND query LIKE '%pg_sleep%'"),
    Cut(
      "the migration's, outside a transaction", "datname = 'DATABASE' AND query LIKE '%pg_sleep%'",
      sql: "-- belay: no-transaction\nDELETE FROM orders WHERE id < 10;\nSELECT pg_sleep(2);"),
    Cut(
      "the migration's, at COMMIT", "datname = 'DATABASE' AND query = 'COMMIT' AND wait_event = 'PgSleep'",
      sql: """
        CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(2); RETURN NULL; END$$;
        CREATE CONSTRAINT TRIGGER slow AFTER UPDATE ON orders DEFERRABLE INITIALLY DEFERRED
          FOR EACH STATEMENT EXECUTE FUNCTION slow();
        """),
  ]

  @Test("a connection that is cut leaves the database as it was", arguments: cuts)
  func severed(_ cut: Cut) throws {
    let shop = try PostgreSQLWorkspace(schema: Self.big)
    var sql = cut.sql
    if cut.testDescription.contains("COMMIT") {
      sql = """
        CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(2); RETURN NULL; END$$;
        CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON log DEFERRABLE INITIALLY DEFERRED
          FOR EACH ROW EXECUTE FUNCTION slow();
        INSERT INTO log VALUES ('1', '2');
        """
    }
    try shop.migration("1.sql", sql)
    let before = try shop.dump()
    let condition = cut.condition.replacing("DATABASE", with: shop.database).replacing("SCRATCH", with: shop.inScratch)
    let cutter = try shop.cutter(condition)
    let more = cut.command == "backup" ? [] : ["--yes"] + (cut.rehearse ? [] : ["--no-rehearse"])
    let run = try Program.run(Program.belay().path, [cut.command, shop.url] + more, in: shop.folder)
    cutter.process.interrupt()
    let cutting = try cutter.wait()
    #expect(cutting.status == 0, "\(cutting)\n\(run)")
    #expect(cut.status.contains(run.status), "\(run)")
    #expect(run.errors.contains("terminating connection") || run.errors.contains("connection"), "\(run)")
    try shop.expectSound(before, run)
  }

  @Test(
    "a connection that is cut in a rollback: the rollback ends well, or the database is as it was",
    arguments: ["SCRATCH AND application_name LIKE '%restore%'", "query LIKE '%belay swapping%'"])
  func cutRollback(condition: String) throws {
    let shop = try PostgreSQLWorkspace(schema: Self.big)
    let good = try shop.dump()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let id = try shop.latest()
    try shop.psql("CREATE TABLE tags (customer int REFERENCES customers); DELETE FROM orders WHERE id < 50")
    let before = try shop.dump()
    let plan = try shop.belay("rollback", id)
    let code = String(try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)").0)
    // The plan's proof restores too: it is the rollback's own that is meant.
    let cutter = try shop.cutter(condition.replacing("SCRATCH", with: shop.inScratch))
    let run = try shop.belay("rollback", id, "--yes", "--confirm", code)
    cutter.process.interrupt()
    let cutting = try cutter.wait()
    #expect(cutting.status == 0, "\(cutting)\n\(run)")
    #expect([0, 1, 3, 20, 21].contains(run.status), "\(run)")
    try shop.expectSound([0, 3].contains(run.status) ? good : before, run)
  }

  @Test("a COMMIT whose answer is lost is looked for in the ledger: it has taken effect")
  func lostAnswer() throws {
    // COMMIT waits for a standby that never comes; when its session is ended, it has taken effect all the same.
    let server = try PostgreSQLServer(
      programs: PostgreSQLServer.shared().programs,
      settings: ["synchronous_standby_names = 'nobody'", "synchronous_commit = local"])
    let shop = try PostgreSQLWorkspace(server: server)
    try shop.migration("1.sql", "SET LOCAL synchronous_commit = on;\nCREATE TABLE tags (name text);")
    let cutter = try shop.cutter("datname = '\(shop.database)' AND query = 'COMMIT' AND wait_event = 'SyncRep'")
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    cutter.process.interrupt()
    let cutting = try cutter.wait()
    #expect(cutting.status == 0, "\(cutting)\n\(run)")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.psql("SELECT name FROM belay_migrations") == "1.sql")
    #expect(try shop.psql("SELECT count(*) FROM tags") == "0")
    try shop.expectSound(try shop.dump(), run)
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
    func control(_ words: String) throws {
      let become = geteuid() == 0 ? "setpriv --reuid=postgres --regid=postgres --clear-groups " : ""
      let script =
        "cd '\(server.folder)' && \(become)'\(server.programs)/pg_ctl' -D data -w \(words) >control.log 2>&1 </dev/null"
      let done = try Program.run("/bin/sh", ["-c", script], in: shop.folder)
      try #require(done.status == 0, "\(done)")
    }
    try control("-m immediate stop")
    let outcome = try run.wait()
    #expect([30, 40].contains(outcome.status), "\(outcome)")
    try control("-l log start")
    let recovery = try shop.belay("recover")
    #expect(recovery.status == 0, "\(recovery)\n\(outcome)")
    try shop.expectSound(before, outcome)
  }

  // MARK: Locks and timeouts

  @Test("a lock that others hold is waited for, with a notice", arguments: [(3, 0), (60, 30)] as [(Int, Int32)])
  func lock(seconds: Int, status: Int32) throws {
    let shop = try PostgreSQLWorkspace()
    let before = try shop.dump()
    try shop.migration(
      "1.sql",
      "-- belay: lock-timeout \(status == 0 ? 15 : 1)s\nCREATE TABLE tags (x int);\nALTER TABLE orders ADD COLUMN note text;"
    )
    let holder = try shop.session("BEGIN; LOCK TABLE orders IN SHARE MODE; SELECT pg_sleep(\(seconds)); COMMIT")
    try shop.waitForSleeper()
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    if status == 0 {
      #expect([0, 3].contains(run.status), "\(run)")
      #expect(run.errors.contains("1.sql, line 3 waits for a lock"), "\(run)")
      #expect(try shop.psql("SELECT count(note) FROM orders") == "0")
    } else {
      #expect(run.status == 30, "\(run)")
      #expect(run.errors.contains("55P03"), "\(run)")
      try shop.expectSound(before, run)
    }
    try shop.psql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
    )
    _ = try holder.wait()
  }

  @Test("a table that somebody keeps locked against reading fails the backup, and who it is is said")
  func unreadable() throws {
    let shop = try PostgreSQLWorkspace()
    let before = try shop.dump()
    try shop.migration("1.sql", "CREATE TABLE tags (x int);")
    let holder = try shop.session("BEGIN; LOCK TABLE orders; SELECT pg_sleep(60); COMMIT")
    try shop.waitForSleeper()
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([20, 22].contains(run.status), "\(run)")
    #expect(run.errors.contains("orders") && run.errors.contains("lock"), "\(run)")
    try shop.psql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()"
    )
    _ = try holder.wait()
    try shop.expectSound(before, run)
  }

  @Test("a deadlock with others begins again, and their rows are kept")
  func deadlock() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration(
      "1.sql",
      "-- belay: lock-timeout 15s\nUPDATE customers SET email = 'x' WHERE id = 1;\nSELECT pg_sleep(1.5);\nUPDATE orders SET cents = 7 WHERE id = 1;"
    )
    let run = try shop.start("migrate", shop.url, "--yes", "--no-rehearse")
    try shop.waitForStep("applying")
    try shop.waitForSleeper()
    // They are patient: it is belay's transaction that the server gives up.
    let others = try shop.session(
      "SET deadlock_timeout = '60s'; BEGIN; UPDATE orders SET cents = 5; UPDATE customers SET name = 'theirs'; COMMIT")
    let outcome = try run.wait()
    let theirs = try others.wait()
    #expect(theirs.status == 0, "\(theirs)")
    #expect([0, 3].contains(outcome.status), "\(outcome)")
    #expect(outcome.errors.contains("deadlock"), "\(outcome)")
    #expect(try shop.psql("SELECT name, email FROM customers WHERE id = 1") == "theirs|x")
    #expect(try shop.psql("SELECT DISTINCT cents FROM orders ORDER BY 1") == "5\n7")
    #expect(try shop.belay("status").status == 0)
  }

  @Test("a statement that takes longer than it may is ended")
  func statementTimeout() throws {
    let shop = try PostgreSQLWorkspace()
    let before = try shop.dump()
    try shop.migration(
      "1.sql", "-- belay: statement-timeout 1s\nCREATE TABLE tags (x int);\nSELECT pg_sleep(60);")
    for more in [["--no-rehearse"], []] {
      let run = try Program.run(Program.belay().path, ["migrate", shop.url, "--yes"] + more, in: shop.folder)
      #expect(run.status == 30, "\(run)")
      #expect(run.errors.contains("1.sql, line 3"), "\(run)")
      #expect(try shop.dump() == before)
    }
    try shop.expectSound(before, shop.belay("status"))
  }

  @Test("connections that never end do not keep a rollback from its way")
  func stubborn() throws {
    let shop = try PostgreSQLWorkspace()
    let before = try shop.dump()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let id = try shop.latest()
    try shop.psql("CREATE TABLE tags (customer int REFERENCES customers); DELETE FROM orders WHERE id < 50")
    let plan = try shop.belay("rollback", id)
    let code = String(try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)").0)
    let loop =
      "while [ ! -e stop ]; do '\(shop.server.programs)/psql' -X -q -d '\(shop.url)' -c 'SELECT pg_sleep(0.3)' -c 'SELECT 1'; done >/dev/null 2>&1"
    let crowd = try (0..<4).map { _ in try Program.start("/bin/sh", ["-c", loop], in: shop.folder) }
    let run = try shop.belay("rollback", id, "--yes", "--confirm", code)
    try shop.write("", to: "stop")
    for one in crowd { _ = try one.wait() }
    #expect([0, 3].contains(run.status), "\(run)")
    try shop.expectSound(before, run)
  }
}
