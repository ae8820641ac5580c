import Foundation
import Testing

@Suite("At a terminal")
struct TerminalTests {
  /// Runs belay at a terminal, and answers one question after the other.
  private func type(_ lines: [String], _ arguments: [String], in shop: Workspace) throws -> Program.Outcome {
    try shop.atTerminal(
      arguments, typing: lines.map { (after: $0.hasPrefix("ROLLBACK_") ? "ROLLBACK_" : "[yes/NO]", keys: $0 + "\n") })
  }

  @Test("migrate asks, and does nothing unless yes is typed", arguments: [("yes", true), ("no", false), ("", false)])
  func migrate(answer: String, applied: Bool) throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    let run = try type([answer], ["migrate", "sqlite:shop.db"], in: shop)
    #expect(run.output.contains("apply 1 migration to sqlite:shop.db?"), "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM sqlite_schema WHERE name = 'tags'") == (applied ? "1" : "0"))
    #expect(run.status == (applied ? 0 : 1), "\(run)")
  }

  @Test("rollback asks twice and wants the code typed")
  func rollback() throws {
    let shop = try Workspace()
    let before = try shop.dump()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let id = try shop.latest()
    try shop.sqlite("DELETE FROM orders WHERE id = 1")
    let now = try shop.dump()
    let plan = try shop.belay("rollback", id)
    let code = String(try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)").0)

    let refused = try type(["yes", "no"], ["rollback", id], in: shop)
    #expect(refused.status == 1, "\(refused)")
    let mistyped = try type(["yes", "yes", "ROLLBACK_ABCDEFGH"], ["rollback", id], in: shop)
    #expect(mistyped.status == 12, "\(mistyped)")
    #expect(try shop.dump() == now)

    let run = try type(["yes", "yes", code], ["rollback", id], in: shop)
    #expect(run.status == 0, "\(run)")
    #expect(try shop.dump() == before)
  }
}
