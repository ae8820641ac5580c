import BelayConformance
import DriverTesting
import Foundation
import Testing

@Suite("The rules and their documentation")
struct RuleTests {
  @Test("no number is given twice, and each rule says in one line what a driver does")
  func numbers() {
    #expect(Set(Rule.all.map(\.number)).count == Rule.all.count)
    #expect(Rule.all.allSatisfy { !$0.text.isEmpty && !$0.text.contains("\n") && !$0.text.hasSuffix(".") })
    #expect(Rule.all.map(\.number) == Rule.all.map(\.number).sorted())
  }

  @Test("belay driver test --rules lists them")
  func listed() throws {
    let (status, output) = try BelayProgram.run(["driver", "test", "--rules"], in: TemporaryFolder())
    #expect(status == 0)
    for rule in Rule.all { #expect(output.contains("\(rule.number)  "), "\(rule.number)") }
  }

  @Test("the guide's list of rules is that of the suite")
  func documented() throws {
    let rows = Rule.all.map { "| \($0.number) | \($0.area.rawValue) | \($0.text) |" }
    try GuideTable(file: "docs/conformance.md", marker: "rules").expect(
      ["| rule | area | what a driver does |", "| --- | --- | --- |"] + rows)
  }

  @Test("the guide's table of what drivers support is that of these results")
  func support() async throws {
    let subjects = ConformanceSubject.all.filter { !$0.coreOnly && !$0.name.hasPrefix("faulty") }
    var columns: [[String: String]] = []
    for subject in subjects { columns.append(Self.cells(try await subject.results())) }
    var lines = [
      "| area | \(subjects.map(\.name).joined(separator: " | ")) |",
      "| --- |\(String(repeating: " --- |", count: subjects.count))",
    ]
    for area in Area.allCases {
      lines.append("| \(area.rawValue) | \(columns.map { $0[area.rawValue] ?? "" }.joined(separator: " | ")) |")
    }
    try GuideTable(file: "docs/driver-guide.md", marker: "support table").expect(lines)
  }

  /// "7", "5, 1 not tested" or "no", by area.
  private static func cells(_ results: [RuleRecord]) -> [String: String] {
    Dictionary(grouping: results, by: \.area).mapValues { rules in
      let count = { (verdict: String) in rules.filter { $0.verdict == verdict }.count }
      let (passed, failed, skipped) = (count("pass"), count("fail"), count("skipped"))
      if passed + failed == 0 { return "no" }
      return "\(passed)" + (failed > 0 ? ", \(failed) FAILED" : "") + (skipped > 0 ? ", \(skipped) not tested" : "")
    }
  }
}
