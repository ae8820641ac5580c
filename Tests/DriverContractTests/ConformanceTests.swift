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

  @Test("D1's scratch databases keep the rules where files of this machine stand in, too")
  func standIn() throws {
    let folder = try TemporaryFolder()
    let rules = [781, 782, 783, 784].flatMap { ["--rule", "\($0)"] }
    let results = try BelayProgram.test(
      .d1, rules + ["--option", "scratch=local", "--option", "scratch_dir=\(folder.path)"])
    #expect(results.map(\.verdict) == ["pass", "skipped", "skipped", "pass"], "\(results)")
  }
}
