import BelayArchive
import BelayBase
import Testing

@testable import BelayChange

@Suite("Plans of configured queries")
struct QueryPlanTests {
  private let rows = [TableName(schema: "s", name: "orders"): UInt64(50_000), TableName(name: "log"): 10]

  private func plan(_ scans: [String: Int], _ sql: String = "SELECT 1", limit: Int = 10_000, fails: Bool = false)
    -> QueryPlan
  {
    QueryPlan(definition: PlanDefinition(name: "q", sql: sql, rows: limit, fails: fails), fullScans: scans)
  }

  @Test(
    "a new full scan counts where the table is large",
    arguments: [
      (["orders": 1], [:], "", 10_000, 1),
      (["s.orders": 1], [:], "", 10_000, 1),
      (["orders": 1], ["orders": 1], "", 10_000, 0),
      (["orders": 2], ["orders": 1], "", 10_000, 1),
      (["orders": 1], [:], "", 50_000, 0),
      (["log": 1], [:], "", 10_000, 0),
      // An alias: the largest table that the query names.
      (["o": 1], [:], "SELECT * FROM Orders o", 10_000, 1),
      (["o": 1], [:], "SELECT * FROM log o", 10_000, 0),
    ] as [([String: Int], [String: Int], String, Int, Int)])
  func scans(now: [String: Int], before: [String: Int], sql: String, limit: Int, count: Int) {
    let findings = PlanWatch.findings(
      since: plan(before, sql, limit: limit), now: plan(now, sql, limit: limit), rows: rows)
    #expect(findings.count == count)
    #expect(findings.allSatisfy { $0.severity == .warning })
  }

  @Test("it is an error where the file says so, and where the query cannot be run any more")
  func errors() {
    let scan = PlanWatch.findings(since: plan([:], fails: true), now: plan(["orders": 1], fails: true), rows: rows)
    #expect(scan.map(\.severity) == [.error])
    var broken = plan([:])
    broken.failure = "no such column"
    #expect(PlanWatch.findings(since: plan([:]), now: broken, rows: rows).map(\.severity) == [.error])
  }
}
