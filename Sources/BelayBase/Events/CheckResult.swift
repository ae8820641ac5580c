/// How one check of a database ended.
package struct CheckResult: Codable, Sendable, Equatable {
  package enum Status: String, Codable, Sendable, CaseIterable, Comparable {
    case ok, warning, failed
    /// It could not be run, or took too long.
    case error

    /// As `belay_check_status` and Nagios number them.
    package var number: Int {
      switch self {
      case .ok: 0
      case .warning: 1
      case .failed: 2
      case .error: 3
      }
    }

    /// What must alert somebody first: a failure, then a check that cannot be run.
    private var gravity: Int {
      switch self {
      case .ok: 0
      case .warning: 1
      case .error: 2
      case .failed: 3
      }
    }

    package static func < (a: Status, b: Status) -> Bool { a.gravity < b.gravity }
  }

  /// What was measured, for a program.
  package struct Number: Codable, Sendable, Equatable {
    package var value: Double
    /// "" for a count, "s" or "%".
    package var unit: String
    /// The limits that were set; nil: none on that side.
    package var least: Double?
    package var most: Double?

    package init(_ value: Double, unit: String = "", least: Double? = nil, most: Double? = nil) {
      self.value = value
      self.unit = unit
      self.least = least
      self.most = most
    }
  }

  /// The name in belay.yaml of what was checked, or its URL without secrets.
  package var target = ""
  package var name: String
  /// The key in belay.yaml: "sql", "not_null" …; or "integrity".
  package var template: String
  package var status: Status
  /// How grave it is where it does not hold.
  package var severity = CheckDefinition.Severity.error
  /// What was found, for people: "3 rows". In an error: what went wrong.
  package var figure: String
  /// What was expected: "no rows".
  package var threshold: String
  package var number: Number?
  package var milliseconds: Int
  package var hint: String?
  /// The first rows that it is about, as text.
  package var rows: [String]?

  package init(
    name: String, template: String, status: Status, figure: String, threshold: String, milliseconds: Int
  ) {
    self.name = name
    self.template = template
    self.status = status
    self.figure = figure
    self.threshold = threshold
    self.milliseconds = milliseconds
  }
}

extension [CheckResult] {
  /// "14 checks: 12 ok, 1 warning, 1 failed"
  package var summary: String {
    let counts = CheckResult.Status.allCases.compactMap { status in
      let count = self.count { $0.status == status }
      return count == 0 ? nil : "\(count) \(status == .error ? "in error" : status.rawValue)"
    }
    return Counted.text(count, "check") + (isEmpty ? "" : ": ") + counts.joined(separator: ", ")
  }

  package var worst: CheckResult.Status { map(\.status).max() ?? .ok }
}
