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

/// What the engine itself knows to stand in the way.
package struct PreflightFinding: Sendable, Hashable {
  package var severity: LintFinding.Severity
  package var rule: String
  /// Which object; empty: the database.
  package var subject: String
  package var message: String
  package var hint: String?
}

/// What a transaction holds of one table, and has done to it.
package struct TableFootprint: Sendable, Hashable {
  /// What others cannot do to it meanwhile.
  package enum Blocked: String, Sendable {
    case nothing = ""
    case writes, everything
  }
  package var schema: String
  package var table: String
  /// The engine's word; nil: none.
  package var lock: String?
  package var blocks: Blocked
  /// Another one after the table was rewritten or emptied.
  package var storage: String
  package var inserted: Int64
  package var updated: Int64
  package var deleted: Int64
}
