import Foundation
import Testing

@Suite("belay recover, when more has happened than a crash")
struct RecoveryTests {
  /// A run that was killed with its front, inside its one transaction.
  private func killedShop() throws -> (shop: Workspace, before: String) {
    let shop = try Workspace()
    let before = try shop.dump()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\nDELETE FROM orders WHERE id < 11;")
    let undisturbed = try Workspace()
    try undisturbed.migration("1.sql", "CREATE TABLE tags (name TEXT);\nDELETE FROM orders WHERE id < 11;")
    try #require([0, 3].contains(try undisturbed.belay("migrate", undisturbed.url, "--yes").status))
    let lines = try journal(undisturbed).split(separator: "\n")
    let step = try #require(lines.firstIndex { $0.contains("\"applying\"") })
    _ = try shop.belay("migrate", shop.url, "--yes", environment: ["BELAY_FAULT": "kill-both:\(step):after"])
    try shop.statusWithoutRunning()
    return (shop, before)
  }

  private func journal(_ shop: Workspace) throws -> String {
    let runs = shop.store.appending(path: "runs")
    let name = try #require(
      try FileManager.default.contentsOfDirectory(atPath: runs.path).first { !$0.hasPrefix(".") })
    return try String(contentsOf: runs.appending(path: "\(name)/journal.ndjson"), encoding: .utf8)
  }

  @Test("what others wrote after the crash is backed up before recovery restores over it")
  func writtenSince() throws {
    let shop = try Workspace()
    let before = try shop.dump()
    try shop.migration("1.sql", "-- belay: no-transaction\nDELETE FROM orders;\nDELETE FROM log;")
    // The last step of the first statement, then one more, which is never reached.
    _ = try shop.belay(
      "migrate", shop.url, "--yes", "--no-rehearse",
      environment: ["BELAY_FAULT": "kill-both:\(try lastStatement()):after"])
    try shop.statusWithoutRunning()
    try #require(try shop.sqlite("SELECT count(*) FROM orders") == "0")
    try shop.sqlite("INSERT INTO log VALUES ('after the crash', 'by others')")
    let recovery = try shop.belay("recover")
    #expect(recovery.status == 0, "\(recovery)")
    #expect(try shop.dump() == before)
    let saved = try #require(recovery.errors.firstMatch(of: /before is in (\S+)/), "\(recovery)").1
    #expect(try shop.belay("extract", String(saved), "--table", "log").output.contains("after the crash"))
    #expect(try shop.listing(shop.store).filter { $0.contains(".partial") } == [])
  }

  /// The journal's line for the second statement of such a migration.
  private func lastStatement() throws -> Int {
    let shop = try Workspace()
    try shop.migration("1.sql", "-- belay: no-transaction\nDELETE FROM orders;\nDELETE FROM log;")
    try #require([0, 3].contains(try shop.belay("migrate", shop.url, "--yes", "--no-rehearse").status))
    return try #require(try journal(shop).split(separator: "\n").lastIndex { $0.contains("\"statement\"") })
  }

  @Test("an archive that is gone does not keep a run open that the engine has undone")
  func archiveGone() throws {
    let (shop, before) = try killedShop()
    try FileManager.default.removeItem(at: shop.store.appending(path: "\(try shop.latest()).tar"))
    let recovery = try shop.belay("recover")
    #expect(recovery.status == 0, "\(recovery)")
    #expect(recovery.errors.contains("could not be compared"), "\(recovery)")
    #expect(try shop.dump() == before)
    #expect(try [0, 3].contains(shop.belay("migrate", shop.url, "--yes").status))
  }

  @Test("a schema that others have changed since does not keep it open either")
  func schemaChanged() throws {
    let (shop, _) = try killedShop()
    try shop.sqlite("CREATE INDEX by_cents ON orders(cents)")
    let recovery = try shop.belay("recover")
    #expect(recovery.status == 0, "\(recovery)")
    #expect(recovery.errors.contains("changed by others since"), "\(recovery)")
    #expect(try [0, 3].contains(shop.belay("migrate", shop.url, "--yes").status))
  }
}
