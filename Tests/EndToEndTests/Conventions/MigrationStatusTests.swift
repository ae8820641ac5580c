import Foundation
import Testing

@Suite("belay status TARGET")
struct MigrationStatusTests {
  private func status(_ shop: AdoptedShop, _ arguments: String...) throws -> Program.Outcome {
    try shop.folder.belay(["status", shop.folder.url] + arguments)
  }

  /// The states and names of the table, line by line.
  private func states(_ run: Program.Outcome) -> [String] {
    run.output.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard ["applied", "pending", "changed", "missing"].contains(words.first) else { return nil }
      return words.prefix(2).joined(separator: " ")
    }
  }

  @Test(
    "what a tool has applied is told from what is pending, and nothing is written",
    arguments: AdoptedCase.all + [.drizzle(.sqlite), .drizzleFolders(.sqlite)])
  func middle(tool: AdoptedCase) throws {
    let shop = try AdoptedShop(.sqlite, schema: AdoptedCase.firstUp + (tool.ledger[.sqlite] ?? ""))
    try shop.write(tool.files)
    let database = shop.folder.folder.appending(path: "shop.db")
    let before = try Data(contentsOf: database)
    let run = try status(shop)
    // There is no backup.
    #expect(run.status == 3, "\(run)")
    #expect(run.output.contains(": \(tool.tool)'s ("), "\(run)")
    let found = states(run)
    #expect(found.map { $0.split(separator: " ")[0] }.prefix(3) == ["applied", "pending", "pending"], "\(run)")
    #expect(run.errors.contains("1 applied, \(found.count - 1) pending"), "\(run)")
    #expect(try status(shop, "--exit-code").status == 3)
    #expect(try Data(contentsOf: database) == before)

    try #require(try shop.migrate("--no-rehearse").status == 0)
    let after = try status(shop, "--exit-code")
    #expect(after.status == 0, "\(after)")
    #expect(states(after).allSatisfy { $0.hasPrefix("applied") }, "\(after)")
    #expect(after.output.contains(#/applied .* run \d{8}T/#), "\(after)")
  }

  @Test("a ledger in PostgreSQL tells who has applied a migration, and when")
  func who() throws {
    let tool = AdoptedCase.flyway
    let shop = try AdoptedShop(.postgresql, schema: AdoptedCase.firstUp + (tool.ledger[.postgresql] ?? ""))
    try shop.write(tool.files)
    let run = try status(shop, "--exit-code")
    #expect(run.status == 3, "\(run)")
    #expect(run.output.contains(#/applied +V1__first\.sql +20\d\d-.* postgres, Flyway/#), "\(run)")
  }

  @Test("of plain files those that are changed, gone or late are shown, with what migrate would say")
  func plain() throws {
    let shop = try AdoptedShop(.sqlite)
    try shop.write([
      "1_a.sql": "CREATE TABLE a (x);", "2_b.sql": "CREATE TABLE b (x);", "4_d.sql": "CREATE TABLE d (x);",
    ])
    let nothing = try status(shop)
    #expect(nothing.status == 3, "\(nothing)")
    #expect(states(nothing) == ["pending 1_a.sql", "pending 2_b.sql", "pending 4_d.sql"])
    #expect(try !shop.query("SELECT name FROM sqlite_schema").contains("belay"))
    try #require(try shop.migrate("--no-rehearse").status == 0)

    try shop.write([
      "2_b.sql": "CREATE TABLE b (y);", "3_c.sql": "CREATE TABLE c (x);", "2_undo_b.sql": "DROP TABLE b;",
    ])
    try FileManager.default.removeItem(at: shop.folder.folder.appending(path: "migrations/1_a.sql"))
    let run = try status(shop)
    #expect(run.status == 0, "\(run)")
    #expect(states(run) == ["missing 1_a.sql", "changed 2_b.sql", "pending 3_c.sql", "applied 4_d.sql"])
    #expect(run.output.contains("skipped 2_undo_b.sql: undoes 2_b.sql"), "\(run)")
    #expect(run.errors.contains("would not begin: the migration 2_b.sql was changed after it was applied"), "\(run)")
    #expect(run.output.contains("last backup"), "\(run)")
    let json = try status(shop, "--json").output
    #expect(json.contains(#""event":"migration","#) && json.contains(#""state":"missing""#), "\(json)")
  }

  @Test("a file of a tool's that is changed or gone is shown")
  func drifted() throws {
    let tool = AdoptedCase.sqlx
    let ledger = try #require(tool.ledger[.sqlite])
    let shop = try AdoptedShop(.sqlite, schema: AdoptedCase.firstUp + ledger)
    try shop.write(tool.files.merging(["1_first.up.sql": "SELECT 1;"]) { $1 })
    let changed = try status(shop)
    #expect(changed.status == 3 && states(changed).first == "changed 1_first.up.sql", "\(changed)")
    #expect(try status(shop, "--exit-code").status == 3)
    for name in ["1_first.up.sql", "1_first.down.sql"] {
      try FileManager.default.removeItem(at: shop.folder.folder.appending(path: "migrations/\(name)"))
    }
    let gone = try status(shop)
    #expect(states(gone).first == "missing version" && gone.output.contains("version 1 (first)"), "\(gone)")
  }

  @Test("a ledger that a tool calls dirty is explained, and the store is shown all the same")
  func dirty() throws {
    let tool = AdoptedCase.golangMigrate
    let shop = try AdoptedShop(
      .sqlite, schema: (try #require(tool.ledger[.sqlite])) + "UPDATE schema_migrations SET dirty = 1;")
    try shop.write(tool.files)
    let run = try status(shop)
    #expect(run.status == 22 && run.errors.contains("is dirty: its migration 1 failed half-way"), "\(run)")
    #expect(run.output.contains("there is no backup of"), "\(run)")
  }

  @Test("without a migrations folder the backups alone are shown, and what is asked for must make sense")
  func noFolder() throws {
    let shop = try AdoptedShop(.sqlite)
    try FileManager.default.removeItem(at: shop.folder.folder.appending(path: "migrations"))
    let run = try status(shop, "--exit-code")
    #expect(run.status == 3 && run.errors.contains("cannot read the migrations folder"), "\(run)")
    #expect(try shop.folder.belay("status", "--exit-code").status == 64)
    #expect(try status(shop, "--exit-code", "--max-age", "1d").status == 64)
    #expect(try status(shop, "--max-age", "1d").status == 10)
  }
}
