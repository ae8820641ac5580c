import DriverTesting
import Foundation
import Testing

/// Also where the command outlives belay: `belay recover` ends it before it puts anything back.
@Suite("kill -9 around a command under guard")
struct GuardKillTests {
  private static let script = GuardedShop.script(
    "sql 'CREATE TABLE tags (x int)'; sql 'DELETE FROM orders WHERE id < 11'; sql 'INSERT INTO tags VALUES (1)'")
  private static let failing = script + "; [ $BELAY_STAGE = rehearsal ] || exit 1"

  private func arguments(_ url: String, _ script: String) -> [String] {
    ["guard", url, "--yes", "--allow-loss", "orders", "--", "sh", "-c", script]
  }

  @Test(
    "at any journaled step, on SQLite",
    arguments: [("kill-worker", true), ("kill-worker", false), ("kill-front", false), ("kill-both", false)])
  func sqlite(victim: String, isGood: Bool) throws {
    let shop = try GuardedShop(.sqlite)
    let folder = try #require(shop.folder as? Workspace)
    try killEverywhere(victim, folder, rounds: 3) { _ in
      arguments(shop.url, isGood ? Self.script : Self.failing)
    }
  }

  @Test("at any journaled step, on PostgreSQL")
  func postgresql() throws {
    let shop = try GuardedShop(.postgresql)
    let folder = try #require(shop.folder as? PostgreSQLWorkspace)
    try killEverywhere("kill-both", folder, rounds: 2) { _ in arguments(shop.url, Self.failing) }
  }

  @Test(
    "of belay's processes while the command is at work: it is ended, and the database is as before",
    arguments: AdoptedEngine.allCases, ["worker", "both"])
  func atWork(engine: AdoptedEngine, victim: String) throws {
    let shop = try GuardedShop(engine)
    let before = try shop.dump()
    let script = GuardedShop.script(
      "echo $$ >pid; i=0; while :; do i=$((i+1)); sql \"CREATE TABLE t$i (x int)\"; sql 'DELETE FROM orders WHERE id = '$i; echo $i >working; done"
    )
    let run = try Program.start(
      Program.belay().path, ["guard", shop.url, "--yes", "--no-rehearse", "--", "sh", "-c", script],
      in: shop.folder.folder)
    try eventually(thereIs: shop.folder.folder.appending(path: "working"))
    let worker = try #require(try run.children().first)
    if victim == "both" { kill(run.process.processIdentifier, SIGKILL) }
    kill(worker, SIGKILL)
    if victim == "worker" {
      let outcome = try run.wait()
      #expect(outcome.status == 30, "\(outcome)")
    } else {
      // The test's own wait ends with whoever has the files that it has opened, and that is the command too.
      let recovery = try shop.folder.belay("recover")
      #expect(recovery.status == 0, "\(recovery)")
      #expect(recovery.errors.contains("ended what the command has left running"), "\(recovery)")
    }
    #expect(try shop.dump() == before)
    let pid = try String(contentsOf: shop.folder.folder.appending(path: "pid"), encoding: .utf8)
    #expect(try !GuardedShop.isRunning(#require(pid_t(pid.trimmingCharacters(in: .whitespacesAndNewlines)))))
  }
}
