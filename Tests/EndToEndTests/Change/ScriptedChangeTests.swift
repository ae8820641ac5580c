import Foundation
import Testing

private let twoScripts = ["a=DELETE FROM orders WHERE id < 11", "b!DELETE FROM orders WHERE id < 21"]

/// A kind of change that belay does not ship, in Tests/ScriptedChange: it gets the whole pipeline.
@Suite("A second kind of change")
struct ScriptedChangeTests {
  private func run(_ shop: Workspace, _ receipts: String, _ scripts: [String]) throws -> Program.Outcome {
    try Program.run(
      Program.built("scripted-change").path, [shop.url, shop.store.path, receipts] + scripts, in: shop.folder)
  }

  private func journal(_ shop: Workspace) throws -> String {
    let runs = shop.store.appending(path: "runs")
    let newest = try #require(try FileManager.default.contentsOfDirectory(atPath: runs.path).max())
    return try String(contentsOf: runs.appending(path: "\(newest)/journal.ndjson"), encoding: .utf8)
  }

  @Test("is backed up, proven, rehearsed, applied, judged and reported", arguments: ["receipts", "bare"])
  func good(receipts: String) throws {
    let shop = try Workspace()
    let outcome = try run(shop, receipts, twoScripts)
    #expect(outcome.status == 0, "\(outcome)")
    #expect(outcome.output.contains("applied 2 scripts to sqlite:shop.db"))
    #expect(try shop.sqlite("SELECT min(id) FROM orders") == "21")
    let journal = try journal(shop)
    for step in ["verified", "rehearsed", "applying", "committed", "checked", "ended"] {
      #expect(journal.contains("\"\(step)\""), "\(step)")
    }
    let report = try shop.latestReport()
    #expect(report.contains("Rehearsal") && report.contains("belay rollback"), "\(report)")
  }

  @Test("that breaks in the rehearsal never reaches the target")
  func rehearsal() throws {
    let shop = try Workspace()
    let before = try shop.dump()
    let outcome = try run(shop, "bare", twoScripts + ["c=DELETE FROM nothing"])
    #expect(outcome.status == 30, "\(outcome)")
    #expect(try shop.dump() == before)
    #expect(try !journal(shop).contains("applying"))
  }

  @Test("that loses what it does not declare is undone", arguments: ["receipts", "bare"])
  func contract(receipts: String) throws {
    let shop = try Workspace()
    let before = try shop.dump()
    let outcome = try run(shop, receipts, ["a=DELETE FROM customers WHERE id < 3"])
    #expect(outcome.status == 31, "\(outcome)")
    #expect(try shop.dump() == before)
  }

  @Test(
    "comes back after kill -9 at each journaled step",
    arguments: [
      ("receipts", twoScripts), ("bare", twoScripts), ("bare", ["a=DELETE FROM orders WHERE id < 11"]),
      ("receipts", ["a!DELETE FROM orders WHERE id < 21", "b=DELETE FROM orders WHERE id < 31"]),
    ])
  func killed(receipts: String, scripts: [String]) throws {
    try killEverywhere("kill-worker", Workspace(), program: Program.built("scripted-change")) { shop in
      [shop.url, shop.store.path, receipts] + scripts
    }
  }
}
