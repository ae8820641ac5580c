import DriverTesting
import Foundation
import Testing

@Suite("Others at work on the same database at the same time", .serialized)
struct OthersTests {
  @Test("recovery does not undo a run that was still at work when it was called, and has ended well since")
  func recoveringALiveRun() throws {
    let shop = try Workspace()
    try shop.migration(
      "1.sql",
      """
      -- belay: no-transaction
      CREATE TABLE good (x);
      CREATE TABLE slow AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 6000000)
        SELECT max(i) AS i FROM n;
      """)
    let run = try Program.start(
      Program.belay().path, ["migrate", shop.url, "--yes", "--no-rehearse"], in: shop.folder)
    try waitForStep("statement", shop)
    let recovery = try shop.belay("recover")
    let outcome = try run.wait()
    #expect([0, 3].contains(outcome.status), "\(outcome)")
    #expect(recovery.status == 0, "\(recovery)")
    #expect(
      recovery.errors.contains("has already ended") || recovery.output.contains("has already ended"), "\(recovery)")
    #expect(try shop.sqlite("SELECT count(*) FROM slow") == "1")
  }

  @Test("rows that others write during a migration outside a transaction are no breach, and are not lost")
  func writersOutsideATransaction() throws {
    let shop = try Workspace()
    try shop.sqlite("PRAGMA journal_mode=WAL")
    try shop.migration(
      "1.sql",
      """
      -- belay: no-transaction
      CREATE INDEX by_cents ON orders(cents);
      -- Reads for a while, and keeps nobody from writing.
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000000) SELECT max(i) FROM n;
      """)
    let writer = """
      n=0; (while [ ! -e stop ]; do echo "INSERT INTO log VALUES ('w', 'by others');"; n=$((n+1)); sleep 0.05; done
        echo $n > written) | sqlite3 -cmd '.timeout 10000' shop.db
      """
    let running = try Program.start("/bin/sh", ["-c", writer], in: shop.folder)
    try eventually("the first writes") { try shop.sqlite(".timeout 10000\nSELECT count(*) > 0 FROM log") == "1" }
    let run = try shop.belay("migrate", shop.url, "--yes")
    try shop.write("", to: "stop")
    _ = try running.wait()
    #expect(run.status == 3, "\(run)")
    #expect(run.errors.contains("written by others meanwhile"), "\(run)")
    let written = try String(contentsOf: shop.folder.appending(path: "written"), encoding: .utf8)
    #expect(try shop.sqlite("SELECT count(*) FROM log") + "\n" == written)
  }

  @Test("a row that others write before a failed migration is put back is in an archive of its own")
  func writerBeforeTheWayBack() throws {
    let shop = try Workspace()
    try shop.sqlite("PRAGMA journal_mode=WAL")
    let before = try shop.sqlite("SELECT count(*) FROM orders")
    try shop.migration(
      "1.sql",
      """
      -- belay: no-transaction
      DELETE FROM orders WHERE id = 1;
      -- slow, and holds nobody up
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000000) SELECT max(i) FROM n;
      SELECT missing;
      """)
    let run = try Program.start(
      Program.belay().path, ["migrate", shop.url, "--yes", "--no-rehearse"], in: shop.folder)
    try waitForStep("statement", shop, run: "migrate")
    try shop.sqlite(".timeout 10000\nINSERT INTO log VALUES ('late', 'row')")
    let outcome = try run.wait()
    #expect(outcome.status == 30, "\(outcome)")
    #expect(try shop.sqlite("SELECT count(*) FROM orders") == before)
    let saved = try #require(outcome.errors.firstMatch(of: /is in (\S+-before-rollback)/), "\(outcome)").1
    #expect(try shop.belay("extract", String(saved), "--table", "log").output.contains("late"))
  }

  @Test("a row written while a rollback backs up the present state is in the database or in that backup")
  func writerDuringRollback() throws {
    let shop = try Workspace()
    try shop.sqlite("PRAGMA journal_mode=WAL")
    try #require(try shop.belay("backup", shop.url, "--name", "good").status == 0)
    let id = try shop.latest()
    try shop.sqlite("DELETE FROM orders WHERE id < 50")
    let code = try #require(try shop.belay("rollback", id).output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/)).0
    let run = try Program.start(
      Program.belay().path, ["rollback", id, "--yes", "--confirm", String(code)], in: shop.folder)
    try waitForStep("backingUp", shop, run: "before-rollback")
    try shop.sqlite(".timeout 10000\nINSERT INTO log VALUES ('late', 'row')")
    let outcome = try run.wait()
    let here = try shop.sqlite("SELECT count(*) FROM log WHERE at = 'late'") == "1"
    let inBackup = try shop.belay("extract", shop.latest(), "--table", "log").output.contains("late")
    #expect(here || inBackup, "\(outcome)")
    #expect([0, 12].contains(outcome.status), "\(outcome)")
  }

  @Test("the same migration applied meanwhile from another store is not applied twice, and is not undone")
  func twoStores() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try #require(try shop.belay("migrate", shop.url, "--yes").status == 0)
    try shop.migration("2.sql", "-- belay: no-transaction\nINSERT INTO tags VALUES ('x');")
    try shop.holding("after rehearse")
    let slow = try Program.start(
      Program.belay().path, ["migrate", shop.url, "--yes", "--store", "two"], in: shop.folder)
    try shop.waitUntilItHolds()
    let quick = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    try shop.letGo()
    let outcome = try slow.wait()
    #expect(quick.status == 0, "\(quick)")
    #expect(outcome.status == 22, "\(outcome)")
    #expect(outcome.errors.contains("somebody else has applied migrations"), "\(outcome)")
    #expect(try shop.sqlite("SELECT count(*) FROM tags") == "1")
  }

  @Test("another file put in the database's place during the rehearsal is not touched")
  func replacedFile() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try shop.holding("after rehearse")
    let other = shop.folder.appending(path: "other.db")
    try FileManager.default.copyItem(at: shop.database, to: other)
    try shop.sqlite("INSERT INTO log VALUES ('other', 'file')", on: other)
    let now = try shop.dump(other)
    let run = try Program.start(Program.belay().path, ["migrate", shop.url, "--yes"], in: shop.folder)
    try shop.waitUntilItHolds()
    rename(other.path, shop.database.path)
    try shop.letGo()
    let outcome = try run.wait()
    #expect(outcome.status == 22, "\(outcome)")
    #expect(outcome.errors.contains("was moved, deleted or replaced"), "\(outcome)")
    #expect(try shop.dump() == now)
  }

  private func waitForStep(_ step: String, _ shop: Workspace, run: String = "", store: String = "backups") throws {
    let runs = shop.folder.appending(path: "\(store)/runs")
    try eventually("step \(step)") {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []
      return names.contains { name in
        guard run.isEmpty || name.contains(run) else { return false }
        let journal = (try? String(contentsOf: runs.appending(path: "\(name)/journal.ndjson"), encoding: .utf8)) ?? ""
        return journal.contains("\"\(step)\"")
      }
    }
  }
}
