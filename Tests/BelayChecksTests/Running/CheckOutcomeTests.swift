import BelayBase
import Testing

@testable import BelayChecks

@Suite("Checks")
struct CheckOutcomeTests {
  private func result(rows: Int, value: String? = nil, expect: String? = nil) -> CheckOutcome {
    CheckOutcome(
      CheckDefinition(name: "c", sql: "SELECT", expect: expect),
      .success(.ofQuery(rows: rows, value: value, expect: expect, sample: [])))
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

  @Test("what changes by itself is not worse for having been wrong before")
  func time() {
    func fresh(_ miss: Measurement.Miss) -> CheckOutcome {
      CheckOutcome(
        CheckDefinition(name: "f", rule: .fresh(table: "t", column: "c", seconds: 60)),
        .success(Measurement(miss, figure: "", threshold: "")))
    }
    #expect(!fresh(.inTime).isWorse(than: fresh(.inTime)))
    #expect(fresh(.inTime).isWorse(than: fresh(.none)))
  }

  @Test("a check of low severity that fails is a warning, and one that cannot be run is an error")
  func severity() {
    var definition = CheckDefinition(name: "c", sql: "SELECT 1")
    definition.severity = .warning
    let wrong = CheckOutcome(definition, .success(Measurement(wrong: 2)))
    #expect(wrong.result.status == .warning && wrong.finding.severity == .warning)
    let broken = CheckOutcome(definition, .failure(BelayError(.checkFailed, "no")))
    #expect(broken.result.status == .error && broken.finding.severity == .error)
  }
}
