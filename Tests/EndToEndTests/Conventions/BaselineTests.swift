import Foundation
import Testing

/// A database that has been migrated, and whose ledger is lost.
@Suite("belay adopt --baseline")
struct BaselineTests {
  private static let cases: [AdoptedCase.OnEngine] =
    AdoptedCase.onEachEngine.filter { $0.engine == .sqlite || ["dbmate", "Drizzle"].contains($0.tool.tool) }

  private func adopt(_ shop: AdoptedShop, _ version: String, _ arguments: String...) throws -> Program.Outcome {
    try shop.folder.belay(["adopt", shop.folder.url, "--baseline", version, "--no-rehearse"] + arguments)
  }

  @Test("what the schema shows to be applied is marked so, and the rest is applied afterwards", arguments: cases)
  func adopted(of one: AdoptedCase.OnEngine) throws {
    let (tool, engine) = (one.tool, one.engine)
    let shop = try AdoptedShop(engine, schema: AdoptedCase.firstUp + AdoptedCase.secondUp)
    try shop.write(tool.files)
    let convention = ["--convention", tool.tool.lowercased()]
    let run = try shop.folder.belay(
      ["adopt", shop.folder.url, "--baseline", tool.second, "--no-rehearse", "--yes"] + convention)
    #expect(run.status == 0 || run.status == 3, "\(run)")
    #expect(run.errors.contains("marked 2 migrations as applied in "), "\(run)")
    let state = try shop.folder.belay(["status", shop.folder.url])
    #expect(state.errors.contains("2 applied"), "\(state)")

    let rest = try shop.folder.belay(["migrate", shop.folder.url, "--yes", "--no-rehearse"])
    #expect(rest.status == 0 || rest.status == 3, "\(rest)")
    #expect(try shop.query(try #require(tool.query[engine])) == tool.expectedAfterBaseline ?? tool.expected)
    #expect(try shop.query("SELECT * FROM tags") == "1|one|a note")
    // Alike for all of them.
    guard tool.tool == "dbmate" else { return }
    let again = try adopt(shop, tool.second, "--yes")
    #expect(again.status == 22 && again.errors.contains("is not lost: it has"), "\(again)")
  }

  @Test("what runs again whenever it changes is marked too where the database has it")
  func repeated() throws {
    let shop = try AdoptedShop(.sqlite, schema: AdoptedCase.firstUp + AdoptedCase.secondUp + AdoptedCase.view)
    try shop.write(AdoptedCase.flyway.files.filter { $0.key != "V10__tenth.sql" })
    let run = try adopt(shop, "2", "--yes")
    #expect(run.status == 0 && run.errors.contains("marked 3 migrations as applied"), "\(run)")
    #expect(try shop.migrate().output.contains("nothing to apply"))
  }

  @Test("a schema that is another one is told from it, and nothing is written")
  func another() throws {
    let shop = try AdoptedShop(.sqlite, schema: AdoptedCase.firstUp + "CREATE TABLE mine (x);")
    try shop.write(AdoptedCase.dbmate.files)
    let run = try adopt(shop, "02", "--yes")
    #expect(run.status == 22, "\(run)")
    #expect(run.errors.contains("does not have the schema which the files make up to 02"), "\(run)")
    #expect(run.errors.contains("the files make column tags.note, and the database has none"), "\(run)")
    #expect(run.errors.contains("the database has table mine, and no file makes it"), "\(run)")
    #expect(!run.errors.contains("mine.x"), "what belongs to a table goes with it: \(run)")
    #expect(try shop.query("SELECT name FROM sqlite_schema ORDER BY name") == "mine\ntags")
    #expect(try shop.folder.belay("log").output.contains("adopt"))
    #expect(try shop.folder.belay("status").errors.contains("no open run"))
  }

  @Test("plain files, whose ledger is belay's own")
  func plain() throws {
    let shop = try AdoptedShop(.sqlite, schema: "CREATE TABLE a (x); CREATE TABLE b (x);")
    try shop.write([
      "1_a.sql": "CREATE TABLE a (x);", "2_b.sql": "CREATE TABLE b (x);", "3_c.sql": "CREATE TABLE c (x);",
    ])
    let unasked = try adopt(shop, "2")
    #expect(unasked.status == 22 && unasked.errors.contains("no terminal to ask for confirmation"), "\(unasked)")
    let wrong = try adopt(shop, "7", "--yes")
    #expect(wrong.status == 10 && wrong.errors.contains("there is no migration 7"), "\(wrong)")
    let run = try shop.folder.belay("adopt", shop.folder.url, "--baseline", "2", "--yes")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.query("SELECT name FROM belay_migrations ORDER BY name") == "1_a.sql\n2_b.sql")
    #expect(try shop.migrate("--no-rehearse").status == 0)
    #expect(try shop.query("SELECT name FROM sqlite_schema WHERE name = 'c'") == "c")
  }

  @Test("files that do not make the schema from nothing show nothing")
  func fromNothing() throws {
    let shop = try AdoptedShop(.sqlite, schema: "CREATE TABLE a (x, y);")
    try shop.write(["1_a.sql": "ALTER TABLE a ADD COLUMN y;"])
    let run = try adopt(shop, "1", "--yes")
    #expect(run.status == 22, "\(run)")
    #expect(run.errors.contains("in an empty database") && run.errors.contains("1_a.sql, line 1"), "\(run)")
  }
}
