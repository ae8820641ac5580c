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

  init(_ rule: Rule, _ verdict: Verdict, _ reason: String?, _ milliseconds: Int) {
    event = "rule"
    number = rule.number
    area = rule.area
    text = rule.text
    self.verdict = verdict
    self.reason = reason
    self.milliseconds = milliseconds
  }
}
