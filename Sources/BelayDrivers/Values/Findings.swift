/// Somebody else's connection to the database. nil: unknown.
package struct Session: Sendable, Hashable {
  package var id: String
  package var user: String?
  package var application: String?
  package var since: String?
  package var state: String?
  package var statement: String?
}

/// One step of a query's plan.
package struct PlanStep: Sendable, Hashable {
  /// 0 for the outermost.
  package var depth: Int
  package var detail: String
  package var table: String?
  package var isFullScan: Bool
  /// As the engine guesses; nil where it does not.
  package var rows: Int?
}

/// What the driver's linter says about a line of a migration.
package struct LintFinding: Sendable, Hashable {
  package enum Severity: String, Sendable {
    /// The migration must not run as it stands.
    case error
    case warning, note
  }
  /// From 1.
  package var line: Int
  package var severity: Severity
  package var rule: String
  package var message: String
  package var hint: String?
}

/// What the engine's own check found wrong.
package struct IntegrityFinding: Sendable, Hashable {
  /// E.g. "foreign_key".
  package var check: String
  /// Table or index.
  package var object: String
  /// Which row; nil where not about one.
  package var identity: String?
  package var message: String
}
