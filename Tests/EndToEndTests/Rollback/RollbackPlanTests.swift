import DriverTesting
import Foundation
import Testing

@Suite("Rollback plans")
struct RollbackPlanTests {
  private struct Plan: Decodable {
    struct Step: Decodable {
      let what: String
      let criticality: String
      let seconds: Double?
    }
    struct Table: Decodable {
      let table: String
      let rows: UInt64?
      let changed: UInt64?
    }
    let archive: String
    let automatic: [Step]
    let byCommand: [Step]
    let command: String
    let tables: [Table]
    let lost: [String]
  }

  private func plan(of shop: BelayFolder) throws -> (Plan, markdown: String) {
    let runs = shop.store.appending(path: "runs")
    let run = runs.appending(path: try #require(try FileManager.default.contentsOfDirectory(atPath: runs.path).max()))
    let json = try Data(contentsOf: run.appending(path: "rollback_plan.json"))
    return (
      try JSONDecoder().decode(Plan.self, from: json),
      try String(contentsOf: run.appending(path: "rollback_plan.md"), encoding: .utf8)
    )
  }

  @Test("lie in the run's folder before the change begins, with measured times")
  func before() throws {
    let shop = try Workspace()
    try shop.write(
      "targets: { shop: sqlite:shop.db }\nhooks: [{ command: 'ls \"$BELAY_RUN_FOLDER\" > there', when: before apply }]\n",
      to: "belay.yaml")
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\nDELETE FROM orders WHERE id < 11;")
    #expect(try shop.belay("migrate", "--yes").status == 0)
    let there = try String(contentsOf: shop.folder.appending(path: "there"), encoding: .utf8)
    #expect(there.contains("rollback_plan.json") && there.contains("rollback_plan.md"), "\(there)")
    let (plan, markdown) = try plan(of: shop)
    #expect(plan.archive == (try shop.latest()) && plan.command == "belay rollback \(plan.archive)")
    #expect(plan.automatic.map(\.criticality) == ["high", "none"])
    #expect(plan.automatic[0].what.contains("ROLLBACK"))
    #expect(plan.byCommand.map(\.criticality) == ["low", "none", "high", "none"])
    for step in plan.byCommand { #expect((step.seconds ?? -1) > 0 && (step.seconds ?? 99) < 60, "\(step)") }
    let orders = plan.tables.first { $0.table == "orders" }
    #expect(orders?.rows == 100 && orders?.changed == 90)
    #expect(plan.lost.contains { $0.contains("table tags") } && plan.lost.contains { $0.contains("others write") })
    for words in ["# Rollback plan of", "belay rollback \(plan.archive)", "ROLLBACK", "less than 1 s"] {
      #expect(markdown.contains(words), "\(words): \(markdown)")
    }
  }

  @Test("are there without a rehearsal too, and say that the tables are not known")
  func notRehearsed() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "-- belay: no-transaction\nDELETE FROM orders WHERE id < 11;")
    #expect([0, 3].contains(try shop.belay("migrate", shop.url, "--yes", "--no-rehearse").status))
    let (plan, _) = try plan(of: shop)
    #expect(plan.automatic.count == 4 && plan.tables.isEmpty, "\(plan)")
    #expect(plan.lost.contains { $0.contains("not rehearsed") })
  }

  @Test("`rollback --plan` shows the same later, with what is there now, and changes nothing")
  func later() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "DELETE FROM orders WHERE id < 11;")
    #expect([0, 3].contains(try shop.belay("migrate", shop.url, "--yes").status))
    try shop.sqlite("INSERT INTO customers VALUES (4711, 'new', 'new@example.org')")
    let (before, runs) = (try shop.dump(), try FileManager.default.subpathsOfDirectory(atPath: shop.store.path))
    let run = try shop.belay("rollback", "latest", "--plan")
    #expect(run.status == 0, "\(run)")
    for words in [
      "restore the backup into a scratch database", "swap it in for the database", "less than 1 s",
      "table customers: at least 1 of 21 rows", "by `belay rollback \(try shop.latest())`",
    ] { #expect(run.output.contains(words), "\(words): \(run)") }
    #expect(try shop.dump() == before)
    #expect(try FileManager.default.subpathsOfDirectory(atPath: shop.store.path) == runs)
    #expect(try shop.belay("rollback", "latest", "--plan", "--target", "sqlite:other.db").status == 22)
  }

  @Test("on PostgreSQL too")
  func postgresql() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration("1.sql", "DELETE FROM orders WHERE id < 11;")
    #expect([0, 3].contains(try shop.belay("migrate", shop.url, "--yes").status))
    let (plan, _) = try plan(of: shop)
    #expect(plan.byCommand.contains { $0.what.contains("swap it in") && $0.criticality == "high" }, "\(plan)")
    let run = try shop.belay("rollback", "latest", "--plan")
    #expect(run.status == 0 && run.output.contains("orders"), "\(run)")
  }
}
