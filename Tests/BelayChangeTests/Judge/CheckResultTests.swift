import BelayBase
import Testing

@testable import BelayChange

@Suite("Checks")
struct CheckResultTests {
  private func result(rows: Int, value: String? = nil, expect: String? = nil) -> CheckResult {
    CheckResult(
      definition: CheckDefinition(name: "c", sql: "SELECT", expect: expect), rows: rows, value: value, sample: [])
  }

  @Test("a check without an expectation wants no row")
  func nothing() {
    #expect(result(rows: 0).passes)
    #expect(!result(rows: 1).passes)
  }

  @Test("a check with one wants exactly that value in one row")
  func value() {
    #expect(result(rows: 1, value: "7", expect: "7").passes)
    #expect(!result(rows: 1, value: "8", expect: "7").passes)
    #expect(!result(rows: 0, expect: "7").passes)
    #expect(!result(rows: 2, value: "7", expect: "7").passes)
  }

  @Test("a check that failed before counts only if it got worse")
  func worse() {
    let failing = result(rows: 3)
    #expect(!result(rows: 3).isWorse(than: failing))
    #expect(!result(rows: 2).isWorse(than: failing))
    #expect(result(rows: 4).isWorse(than: failing))
    #expect(result(rows: 1).isWorse(than: result(rows: 0)))
    #expect(result(rows: 1).isWorse(than: nil))
    #expect(!result(rows: 0).isWorse(than: failing))
    #expect(result(rows: 1, value: "9", expect: "7").isWorse(than: result(rows: 1, value: "8", expect: "7")))
  }
}
