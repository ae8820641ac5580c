import DriverTesting
import Foundation
import Testing

@Suite("Signals during a migration")
struct SignalTests {
  @Test(
    "the run goes back, proves it, and exits with the signal's code",
    arguments: [
      (SIGINT, 130), (SIGTERM, 143), (SIGHUP, 130),
    ] as [(Int32, Int32)])
  func signal(number: Int32, status: Int32) throws {
    let shop = try Workspace()
    let before = try shop.dump()
    try shop.migration(
      "1.sql",
      """
      DELETE FROM orders WHERE id = 1;
      CREATE TABLE slow AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000000)
        SELECT max(i) AS i FROM n;
      """)
    let run = try Program.start(
      Program.belay().path, ["migrate", shop.url, "--yes", "--no-rehearse"], in: shop.folder)
    try waitForApply(shop)
    usleep(300_000)
    kill(run.process.processIdentifier, number)
    let outcome = try run.wait()
    #expect(outcome.status == status, "\(outcome)")
    #expect(outcome.errors.contains("proven"), "\(outcome)")
    #expect(try shop.dump() == before)
    #expect(try shop.belay("status").status == 0)
  }

  private func waitForApply(_ shop: Workspace) throws {
    let runs = shop.store.appending(path: "runs")
    try eventually("applying") {
      let names = (try? FileManager.default.contentsOfDirectory(atPath: runs.path)) ?? []
      return names.contains { name in
        let journal = (try? String(contentsOf: runs.appending(path: "\(name)/journal.ndjson"), encoding: .utf8)) ?? ""
        return journal.contains("\"applying\"")
      }
    }
  }
}
