import BelayRows

/// A problem, or something that the user should know before a run begins.
public struct PreflightFinding: Sendable, Hashable {
  /// How bad it is.
  public var severity: FindingSeverity
  /// A stable name of the rule, e.g. "server-version".
  public var rule: String
  /// Which object; empty: the database.
  public var subject: String
  /// Lowercase, without a full stop.
  public var message: String
  /// How to solve it.
  public var hint: String?

  /// A finding about an object.
  public init(_ severity: FindingSeverity, rule: String, subject: String = "", _ message: String, hint: String? = nil) {
    self.severity = severity
    self.rule = rule
    self.subject = subject
    self.message = message
    self.hint = hint
  }
}

extension PreflightFinding {
  /// The rule of a finding about something that no check of this driver can prove. What is done all the same is done with
  /// warnings.
  package static let uncheckedRule = "unchecked"
}

extension PreflightFinding: TableRow {
  package static let columns = ["severity", "rule", "subject", "message", "hint"]

  package var row: [Value] {
    [.text(severity.rawValue), .text(rule), .text(subject), .text(message), Value(hint)]
  }

  package init?(row: [Value]) {
    guard row.count == Self.columns.count, let severity = row[0].text.flatMap(FindingSeverity.init),
      let rule = row[1].text, let subject = row[2].text, let message = row[3].text
    else { return nil }
    self.init(severity, rule: rule, subject: subject, message, hint: row[4].text)
  }
}
