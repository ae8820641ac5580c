import Foundation
import Testing

@Suite("A later transaction of a migration that fails")
struct LaterFailureTests {
  private func shop(configuration: String = "") throws -> Workspace {
    let shop = try Workspace()
    if !configuration.isEmpty { try shop.write(configuration, to: "belay.yaml") }
    try shop.migration("1.sql", "CREATE TABLE n1 (x int);")
    try shop.migration("2.sql", "-- belay: no-transaction\nVACUUM;")
    try shop.migration("3.sql", "CREATE TABLE n3 (x int);\nINSERT INTO n3 SELECT missing;")
    return shop
  }

  private func made(_ shop: Workspace) throws -> String {
    try shop.sqlite(
      "SELECT group_concat(name) FROM (SELECT name FROM sqlite_schema WHERE name GLOB 'n[0-9]' ORDER BY 1)")
  }

  @Test(arguments: [(["--on-failure", "stop"], ""), ([], "migrations: { on_failure: stop }")])
  func `stops there if that was chosen: what was committed stays, and the next migrate goes on`(
    options: [String], configuration: String
  ) throws {
    let shop = try shop(configuration: configuration)
    let arguments = ["migrate", shop.url, "--yes", "--no-rehearse"] + options
    let run = try shop.belay(arguments)
    #expect(run.status == 32, "\(run)")
    #expect(run.errors.contains("belay stops there"), "\(run)")
    #expect(run.errors.contains("2 migrations of 3 applied"), "\(run)")
    #expect(try made(shop) == "n1")
    #expect(try shop.sqlite("SELECT name FROM belay_migrations ORDER BY 1") == "1.sql\n2.sql")
    #expect(try shop.belay("recover").output.contains("nothing to recover"))
    try shop.migration("3.sql", "CREATE TABLE n3 (x int);")
    let next = try shop.belay(arguments)
    #expect(next.status == 0, "\(next)")
    #expect(try made(shop) == "n1,n3")
  }

  @Test func `without a choice and a terminal everything is put back`() throws {
    let shop = try shop()
    let before = try shop.dump()
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(run.status == 30, "\(run)")
    #expect(run.errors.contains("everything is put back"), "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test func `a contract that a later transaction breaks stops it too`() throws {
    let shop = try shop()
    try shop.migration("3.sql", "PRAGMA foreign_keys=ON;\nDELETE FROM customers WHERE id = 1;")
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", "--on-failure", "stop")
    #expect(run.status == 32, "\(run)")
    #expect(run.errors.contains("orders"), "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM customers") == "20")
  }

  @Test func `the first one has nothing to stop at, and a file outside transactions cannot be left half done`() throws {
    let shop = try shop()
    let before = try shop.dump()
    try shop.migration("1.sql", "CREATE TABLE n1 (x int);\nINSERT INTO n1 SELECT missing;")
    let first = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", "--on-failure", "stop")
    #expect(first.status == 30, "\(first)")
    #expect(try shop.dump() == before)
    try shop.migration("1.sql", "CREATE TABLE n1 (x int);")
    try shop.migration("2.sql", "-- belay: no-transaction\nCREATE TABLE n2 (x int);\nINSERT INTO n2 SELECT missing;")
    let half = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", "--on-failure", "stop")
    #expect(half.status == 30, "\(half)")
    #expect(try shop.dump() == before)
  }

  @Test(arguments: ["kill-worker", "kill-front", "kill-both"])
  func `killed once it has stopped, it stays so`(victim: String) throws {
    let shop = try shop()
    let arguments = ["migrate", shop.url, "--yes", "--no-rehearse", "--on-failure", "stop"]
    try #require(try shop.belay(arguments).status == 32)
    let stopped = try journaledSteps(shop) - 2
    try shop.sqlite("DROP TABLE n1; DELETE FROM belay_migrations")
    let run = try shop.belay(arguments, environment: ["BELAY_FAULT": "\(victim):\(stopped):after"])
    try waitForWorker(shop)
    let recovery = try shop.belay("recover")
    #expect(recovery.status == 0, "\(run)\n\(recovery)")
    #expect(try made(shop) == "n1", "\(run)\n\(recovery)")
    #expect(try shop.belay("recover").output.contains("nothing to recover"))
  }
}
