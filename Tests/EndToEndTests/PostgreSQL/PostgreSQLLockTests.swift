import DriverTesting
import Foundation
import Testing

@Suite("Locks of others, deadlocks and timeouts, on PostgreSQL", .serialized)
struct PostgreSQLLockTests {
  @Test("a lock that others hold is waited for, and who holds it is named", arguments: [true, false])
  func lock(ends: Bool) throws {
    let shop = try PostgreSQLWorkspace()
    let before = try shop.dump()
    try shop.migration(
      "1.sql",
      "-- belay: lock-timeout \(ends ? 60 : 1)s\nCREATE TABLE tags (x int);\nALTER TABLE orders ADD COLUMN note text;")
    let holder = try shop.session("BEGIN; LOCK TABLE orders IN SHARE MODE; SELECT pg_sleep(600); COMMIT")
    try shop.waitForSleeper()
    let running = try shop.start("migrate", shop.url, "--yes", "--no-rehearse")
    if ends {
      // Longer than one try waits.
      try shop.waitForSession(
        "datname = '\(shop.database)' AND wait_event_type = 'Lock' AND state_change < clock_timestamp() - interval '1 s'"
      )
      usleep(1_500_000)
      try shop.endSleepers()
    }
    let run = try running.wait()
    #expect(run.errors.contains("1.sql, line 3 waits for a lock: session") == ends, "\(run)")
    #expect(run.errors.contains("application psql, in a transaction since"), "\(run)")
    #expect(run.errors.contains("holds public.orders"), "\(run)")
    if ends {
      #expect([0, 3].contains(run.status), "\(run)")
      #expect(try shop.psql("SELECT count(note) FROM orders") == "0")
    } else {
      #expect(run.status == 30, "\(run)")
      #expect(run.errors.contains("55P03"), "\(run)")
      try shop.endSleepers()
      try shop.expectSound(before, run)
    }
    _ = try holder.wait()
  }

  @Test("CREATE INDEX CONCURRENTLY, which has one try, waits as long as the file's own lock_timeout says")
  func concurrently() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration(
      "1.sql",
      "-- belay: no-transaction\nSET lock_timeout = '60s';\nCREATE INDEX CONCURRENTLY by_cents ON orders(cents);")
    let holder = try shop.session("BEGIN; UPDATE orders SET cents = 1 WHERE id = 1; SELECT pg_sleep(120); COMMIT")
    try shop.waitForSleeper()
    let running = try shop.start("migrate", shop.url, "--yes", "--no-rehearse")
    // Longer than the driver's own patience.
    try shop.waitForSession(
      "datname = '\(shop.database)' AND wait_event_type = 'Lock' AND state_change < clock_timestamp() - interval '3 s'")
    try shop.endSleepers()
    let run = try running.wait()
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.psql("SELECT indisvalid FROM pg_index WHERE indexrelid = 'by_cents'::regclass") == "t")
    _ = try holder.wait()
  }

  @Test("a table that somebody keeps locked against reading fails the backup, and who it is is said")
  func unreadable() throws {
    let shop = try PostgreSQLWorkspace()
    let before = try shop.dump()
    try shop.migration("1.sql", "CREATE TABLE tags (x int);")
    let holder = try shop.session("BEGIN; LOCK TABLE orders; SELECT pg_sleep(600); COMMIT")
    try shop.waitForSleeper()
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([20, 22].contains(run.status), "\(run)")
    #expect(run.errors.contains("user postgres, application psql, in a transaction since"), "\(run)")
    #expect(run.errors.contains("holds public.orders"), "\(run)")
    try shop.endSleepers()
    _ = try holder.wait()
    try shop.expectSound(before, run)
  }

  @Test("a deadlock with others begins again, and their rows are kept")
  func deadlock() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration(
      "1.sql",
      "-- belay: lock-timeout 60s\nUPDATE customers SET email = 'x' WHERE id = 1;\n\(shop.untilGo())\nUPDATE orders SET cents = 7 WHERE id = 1;"
    )
    let run = try shop.start("migrate", shop.url, "--yes", "--no-rehearse")
    try shop.waitForStep("applying")
    try shop.waitForSleeper()
    // They are patient: it is belay's transaction that the server gives up.
    let others = try shop.session(
      "SET deadlock_timeout = '10min'; BEGIN; UPDATE orders SET cents = 5; UPDATE customers SET name = 'theirs'; COMMIT"
    )
    try shop.waitForSession("datname = \(shop.literal) AND wait_event_type = 'Lock'")
    try shop.go()
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
