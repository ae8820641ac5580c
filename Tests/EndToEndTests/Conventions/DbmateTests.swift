import Foundation
import Testing

/// The tool itself, before and after belay.
@Suite("dbmate and belay on one database")
struct DbmateTests {
  private func dbmate(_ shop: AdoptedShop, _ url: String, _ arguments: String...) throws -> Program.Outcome {
    let run = try Program.run(
      "/usr/bin/env", ["dbmate", "--url", url, "--migrations-dir", "migrations", "--no-dump-schema"] + arguments,
      in: shop.folder.folder)
    try #require(run.status == 0, "dbmate (scripts/needs test installs it): \(run)")
    return run
  }

  @Test(
    "each goes on where the other stopped, up and down, and finds nothing to mend", arguments: AdoptedEngine.allCases)
  func together(engine: AdoptedEngine) throws {
    let tool = AdoptedCase.dbmate
    let shop = try AdoptedShop(engine)
    let url = shop.folder.url + (engine == .postgresql ? "&sslmode=disable" : "")
    let query = try #require(tool.query[engine])
    try shop.write(tool.files.filter { $0.key.hasPrefix("01") })
    _ = try dbmate(shop, url, "migrate")
    try shop.write(tool.files)

    let run = try shop.migrate("--no-rehearse")
    #expect(run.status == 0, "\(run)")
    #expect(try !dbmate(shop, url, "migrate").output.contains("Applying"))
    #expect(try dbmate(shop, url, "status").output.contains("Pending: 0"))
    #expect(try shop.query(query) == tool.expected)
    let content = try shop.content(engine)

    _ = try dbmate(shop, url, "rollback")
    #expect(try shop.query(query) == tool.expectedAfterDown)
    #expect([0, 3].contains(try shop.migrate("--down", "1", "--no-rehearse").status))
    #expect(try dbmate(shop, url, "status").output.contains("Pending: 2"))
    _ = try dbmate(shop, url, "migrate")
    #expect(try shop.content(engine) == content)
    #expect(try shop.migrate().output.contains("nothing to apply"))
  }

  @Test("a file with several pairs of parts is run as dbmate runs it")
  func pairs() throws {
    let text = """
      -- migrate:up
      CREATE TABLE tags (id integer);
      -- migrate:down
      DROP TABLE tags;
      -- migrate:up
      CREATE TABLE notes (id integer);
      -- migrate:down
      DROP TABLE notes;
      """
    let (ours, theirs) = (try AdoptedShop(.sqlite), try AdoptedShop(.sqlite))
    for shop in [ours, theirs] { try shop.write(["1_both.sql": text]) }
    #expect(try ours.migrate("--no-rehearse").status == 0)
    _ = try dbmate(theirs, theirs.folder.url, "migrate")
    let ledger = "SELECT version FROM schema_migrations"
    #expect(try ours.content(.sqlite) == theirs.content(.sqlite))
    #expect(try ours.query(ledger) == theirs.query(ledger))
    #expect([0, 3].contains(try ours.migrate("--down", "1", "--no-rehearse").status))
    _ = try dbmate(theirs, theirs.folder.url, "rollback")
    #expect(try ours.content(.sqlite) == theirs.content(.sqlite))
    #expect(try ours.query(ledger) == theirs.query(ledger))
  }
}
