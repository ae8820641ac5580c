import Foundation
import Testing

@Suite("belay journal drizzle")
struct DrizzleJournalTests {
  private static let place = "migrations/meta/_journal.json"

  private func shop(_ engine: AdoptedEngine) throws -> (AdoptedShop, journal: URL, good: String) {
    let tool = AdoptedCase.drizzle(engine)
    let shop = try AdoptedShop(engine, schema: AdoptedCase.firstUp + (try #require(tool.ledger[engine])))
    var files = tool.files
    for index in 0..<2 { files["meta/000\(index)_snapshot.json"] = #"{"version": "6", "id": "a\#(index)"}"# }
    try shop.write(files)
    let journal = shop.folder.folder.appending(path: Self.place)
    return (shop, journal, try String(contentsOf: journal, encoding: .utf8))
  }

  private func repair(_ shop: AdoptedShop, _ arguments: String...) throws -> Program.Outcome {
    try shop.folder.belay(["journal", "drizzle", shop.folder.url, "--no-rehearse"] + arguments)
  }

  @Test("a right one stays; a lost one and one with the marks of a merge come back", arguments: AdoptedEngine.allCases)
  func repaired(engine: AdoptedEngine) throws {
    let (shop, journal, good) = try shop(engine)
    let right = try repair(shop)
    #expect(right.status == 0 && right.errors.contains("is right"), "\(right)")
    #expect(try String(contentsOf: journal, encoding: .utf8) == good)

    let merged = good.replacing(
      "    {\n      \"idx\": 2,", with: "<<<<<<< HEAD\n    {\n      \"idx\": 2,")
    try #require(merged != good)
    try merged.write(to: journal, atomically: true, encoding: .utf8)
    let told = try shop.migrate("--plan")
    #expect(told.status == 22 && told.errors.contains("let `belay journal drizzle` write it anew"), "\(told)")
    let plan = try repair(shop, "--plan")
    #expect(plan.status == 0, "\(plan)")
    #expect(try String(contentsOf: journal, encoding: .utf8) == merged, "--plan writes nothing")
    let saved = try repair(shop)
    #expect(saved.status == 0, "\(saved)")
    #expect(try String(contentsOf: journal, encoding: .utf8) == good)

    try FileManager.default.removeItem(at: journal)
    let lost = try repair(shop)
    #expect(lost.status == 0, "\(lost)")
    #expect(lost.output.contains("0000_first: added, with the moment 1767261600123 (as in the ledger)"), "\(lost)")
    // What has not run gets a moment that Drizzle does not pass over.
    let run = try shop.migrate("--no-rehearse")
    #expect([0, 3].contains(run.status) && run.errors.contains("applied 2 migrations"), "\(run)")
    #expect(try shop.query("SELECT * FROM tags") == "1|one|a note")
  }

  @Test("hashes that the ledger lacks are written there, with a backup; what is of no file is refused")
  func hashes() throws {
    let (shop, journal, good) = try shop(.sqlite)
    let rows = "SELECT hash, created_at FROM __drizzle_migrations"
    let before = try shop.query(rows)
    try shop.query("UPDATE __drizzle_migrations SET hash = ''")
    let unasked = try repair(shop)
    #expect(unasked.status == 22 && unasked.errors.contains("no terminal to ask"), "\(unasked)")
    let run = try repair(shop, "--yes")
    #expect(run.status == 0 && run.errors.contains("wrote 1 hash into the ledger of"), "\(run)")
    #expect(try shop.query(rows) == before)
    #expect(try shop.folder.belay("migrate", shop.folder.url, "--plan").status == 0)

    // A file that was changed after it ran keeps its hash in the ledger.
    try shop.write(["0000_first.sql": "SELECT 1;"])
    let changed = try repair(shop)
    #expect(changed.status == 3 && changed.errors.contains("was changed after it was applied"), "\(changed)")
    #expect(try shop.query(rows) == before)

    try shop.query("UPDATE __drizzle_migrations SET created_at = 7")
    let unknown = try repair(shop, "--yes")
    #expect(unknown.status == 22, "\(unknown)")
    #expect(
      unknown.errors.contains("of which no file in") && unknown.errors.contains("nothing was written"), "\(unknown)")
    #expect(try String(contentsOf: journal, encoding: .utf8) == good)
    let none = try shop.folder.belay("journal", "drizzle", shop.folder.url, "--dir", "backups")
    #expect(none.status == 10 && none.errors.contains("there is no migration of drizzle-kit's"), "\(none)")
  }

  @Test("a migration that Drizzle would pass over gets a later moment")
  func passedOver() throws {
    let (shop, _, _) = try shop(.sqlite)
    try shop.query("UPDATE __drizzle_migrations SET created_at = 1767900000000")
    let run = try repair(shop)
    #expect(run.status == 0, "\(run)")
    #expect(
      run.output.contains("0000_first: its moment is 1767900000000, not 1767261600123 (as in the ledger)"), "\(run)")
    #expect(
      run.output.contains(#/0001_second_step: its moment is \d+, not 1767348000456 \(it has not run\)/#), "\(run)")
    let migrated = try shop.migrate("--no-rehearse")
    #expect(migrated.errors.contains("applied 2 migrations"), "\(migrated)")
  }
}
