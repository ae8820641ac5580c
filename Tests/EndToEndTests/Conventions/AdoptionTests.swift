import Foundation
import Testing

/// A database that a tool has brought to a middle version, and its folder: belay goes on, and the tool would not notice.
@Suite("belay migrate in the folder and ledger of another migration tool")
struct AdoptionTests {
  @Test(
    "what is pending by the tool's rules is applied, and its ledger is as the tool would have left it",
    arguments: AdoptedCase.onEachEngine)
  func completed(of one: AdoptedCase.OnEngine) throws {
    let (tool, engine) = (one.tool, one.engine)
    let shop = try AdoptedShop(engine, schema: AdoptedCase.firstUp + (tool.ledger[engine] ?? ""))
    try shop.write(tool.files)
    let query = try #require(tool.query[engine])

    if engine == .sqlite {
      let plan = try shop.folder.belay("migrate", shop.folder.url, "--plan")
      #expect(plan.errors.contains("is a folder of \(tool.tool)'s"), "\(plan)")
      #expect(!plan.output.contains(#/first(?:\.up|\/up)?\.sql: \d/#), "what is applied is not planned: \(plan)")
    }
    let run = try shop.migrate()
    #expect(run.status == 0, "\(run)")
    #expect(try shop.query(query) == tool.expected)
    let content = try shop.content(engine)
    #expect(content.contains("1|one|a note") && content.contains("7"), "\(content)")

    guard let expectedAfterDown = tool.expectedAfterDown else { return }
    let down = try shop.migrate("--down", "1", "--no-rehearse")
    #expect([0, 3].contains(down.status), "\(down)")
    #expect(try shop.query(query) == expectedAfterDown)
    #expect(try shop.query("SELECT * FROM tags") == "1|one|a note")
    // The rest is alike in every engine.
    guard engine == .sqlite else { return }
    #expect(try shop.migrate("--down-to", tool.second).output.contains("nothing to apply"))
    let all = try shop.migrate("--down-to", tool.first, "--no-rehearse")
    #expect([0, 3].contains(all.status), "\(all)")
    #expect(try shop.query("SELECT * FROM tags") == "1|one")
    let again = try shop.migrate("--no-rehearse")
    #expect(again.status == 0, "\(again)")
    #expect(try shop.content(engine) == content)
    #expect(try shop.migrate().output.contains("nothing to apply"))
  }

  @Test(
    "an empty database gets the tool's own ledger, with the tool's own tables",
    arguments: AdoptedCase.onEachEngine)
  func fromNothing(of one: AdoptedCase.OnEngine) throws {
    let (tool, engine) = (one.tool, one.engine)
    let shop = try AdoptedShop(engine)
    try shop.write(tool.files)
    let name = tool.tool.lowercased()
    let run = try shop.migrate("--no-rehearse", "--convention", name)
    #expect(run.status == 0, "\(run)")
    #expect(try shop.query(try #require(tool.query[engine])) == tool.expected)

    let made = try AdoptedShop(engine, schema: tool.ledger[engine] ?? "")
    #expect(try shop.ledgerSchema(engine) == made.ledgerSchema(engine))
  }
}
