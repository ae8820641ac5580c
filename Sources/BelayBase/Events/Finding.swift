/// Something found wrong, or worth knowing, about one object: by preflight, the linter, a check, the contract.
package struct Finding: Codable, Sendable, Equatable {
  package enum Severity: String, Codable, Sendable, Comparable {
    case note, warning, error
    package static func < (a: Severity, b: Severity) -> Bool { a.rank < b.rank }
    private var rank: Int {
      switch self {
      case .note: 0;
      case .warning: 1;
      case .error: 2
      }
    }
  }
  package var severity: Severity
  /// Who found it: "preflight", "lint", "contract", "check", "integrity".
  package var source: String
  /// Which rule or check, e.g. "disk-space". May be empty.
  package var rule: String
  /// On what: a table, a file with its line, a folder.
  package var subject: String
  package var message: String
  package var hint: String?
  /// The first rows that it is about, as text: values of a user's data, which go into no file unless belay.yaml says so.
  package var rows: [String]?

  package init(
    _ severity: Severity, source: String, rule: String = "", subject: String, message: String, hint: String? = nil,
    rows: [String]? = nil
  ) {
    self.severity = severity
    self.source = source
    self.rule = rule
    self.subject = subject
    self.message = message
    self.hint = hint
    self.rows = rows
  }
}

extension Finding {
  /// One line of a report.
  package var line: String {
    "\(severity.rawValue): \(subject): \(message)" + (hint.map { " (\($0))" } ?? "")
  }

  /// "first: 1, a | 2, b"; nil where it is about no rows.
  package var rowsHint: String? {
    guard let rows, !rows.isEmpty else { return nil }
    return "first: \(rows.joined(separator: " | "))"
  }
}
