import Foundation
import Testing

/// The tools themselves, on the shop of the other tests.
@Suite("Alembic and Django's migrate under guard")
struct PythonToolTests {
  private func run(
    _ tool: PythonTool, _ shop: GuardedShop, third: String = "", _ options: [String] = []
  ) throws -> Program.Outcome {
    try shop.guarded(tool.command, options, environment: tool.environment.merging(["THIRD": third]) { $1 })
  }

  @Test(
    "good ones are applied, and what their ledger says is shown", arguments: PythonTool.allCases, AdoptedEngine.allCases
  )
  func good(tool: PythonTool, engine: AdoptedEngine) throws {
    let shop = try GuardedShop(engine)
    try tool.begin(in: shop)
    let run = try run(tool, shop)
    #expect(run.isDone, "\(run)")
    let name = tool == .alembic ? "Alembic" : "Django"
    #expect(run.errors.contains("\(name) ("), "\(run)")
    #expect(run.errors.contains(#/\): \+ (shop )?0003/#), "\(run)")
    #expect(try shop.query("SELECT count(*) FROM tags") == "1")
    #expect(try shop.query(tool.ledger).hasSuffix(tool == .alembic ? "0003" : "0003_third"))
    let again = try self.run(tool, shop, ["--no-rehearse"])
    #expect(again.isDone, "\(again)")
    #expect(again.errors.contains("changed nothing"), "\(again)")
  }

  struct Undone: Sendable, CustomStringConvertible {
    let third: String
    let status: Int32
    var options: [String] = []
    let tool: PythonTool
    let engine: AdoptedEngine

    var description: String { "\(tool) on \(engine): \(third)" }
  }

  private static let cases =
    PythonTool.allCases.flatMap { tool in
      AdoptedEngine.allCases.flatMap { engine in
        [
          Undone(third: "lose", status: 31, tool: tool, engine: engine),
          Undone(third: "target", status: 30, tool: tool, engine: engine),
        ]
      } + [Undone(third: "fail", status: 30, options: ["--no-rehearse"], tool: tool, engine: .sqlite)]
    }

  @Test("what was lost by a cascade, or committed before a failure, is as before", arguments: cases)
  func undone(_ one: Undone) throws {
    let shop = try GuardedShop(one.engine)
    try one.tool.begin(in: shop)
    let before = try shop.dump()
    let run = try run(one.tool, shop, third: one.third, one.options)
    #expect(run.status == one.status, "\(run)")
    if one.third == "lose" { #expect(run.errors.contains("--allow-loss customers"), "\(run)") }
    #expect(try shop.dump() == before)
  }
}
