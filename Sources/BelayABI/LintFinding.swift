import BelayRows

/// A finding of the driver's linter about a line of a migration.
public struct LintFinding: Sendable, Hashable {
  /// From 1.
  public var line: Int
  /// How bad it is.
  public var severity: FindingSeverity
  /// A stable name of the rule, e.g. "drop-table".
  public var rule: String
  /// Lowercase, without a full stop; names the object.
  public var message: String
  /// What to do about it.
  public var hint: String?

  /// A finding at a line.
  public init(line: Int, _ severity: FindingSeverity, rule: String, _ message: String, hint: String? = nil) {
    self.line = line
    self.severity = severity
    self.rule = rule
    self.message = message
    self.hint = hint
  }
}

extension LintFinding: TableRow {
  package static let columns = ["line", "severity", "rule", "message", "hint"]

  package var row: [Value] {
    [.integer(Int64(line)), .text(severity.rawValue), .text(rule), .text(message), Value(hint)]
  }

  package init?(row: [Value]) {
    guard row.count == Self.columns.count, let line = row[0].integer,
      let severity = row[1].text.flatMap(FindingSeverity.init), let rule = row[2].text, let message = row[3].text
    else { return nil }
    self.init(line: Int(line), severity, rule: rule, message, hint: row[4].text)
  }
}
