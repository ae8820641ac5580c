import BelayConformance
import DriverTesting
import Testing

@Suite("Conformance of the drivers")
struct ConformanceTests {
  @Test("a driver keeps every rule, and no rule is skipped that could be tested", arguments: ConformanceSubject.all)
  func keeps(subject: ConformanceSubject) async throws {
    let results = try await subject.results()
    #expect(results.map(\.number) == Rule.all.map(\.number))
    for result in results where result.verdict == "fail" {
      Issue.record("rule \(result.number), \(result.text): \(result.reason ?? "")")
    }
    let skipped = Set(results.filter { $0.verdict == "skipped" }.map(\.number))
    let expected = subject.skipped.intersection(Rule.all.map(\.number))
    let reasons = results.filter { $0.verdict == "skipped" && !expected.contains($0.number) }
    #expect(skipped == expected, "\(reasons.map { "\($0.number): \($0.reason ?? "")" })")
    #expect(results.allSatisfy { $0.verdict == "pass" || $0.reason?.isEmpty == false })
  }
}
