/// A rule with its verdict, as `--json` shows it.
package struct RuleResult: Codable, Sendable {
  package let event: String
  package let number: Int
  package let area: Area
  package let text: String
  package let verdict: Verdict
  /// Why it failed or was skipped; nil if it passed.
  package let reason: String?
  package let milliseconds: Int
  /// A line for each call that began or ended, if that was asked for.
  package let calls: [String]?

  init(_ rule: Rule, _ report: RuleProcess.Report) {
    event = "rule"
    number = rule.number
    area = rule.area
    text = rule.text
    verdict = report.verdict
    reason = report.reason
    milliseconds = report.milliseconds
    calls = report.calls.isEmpty ? nil : report.calls
  }
}
