import BelayRows
import CBelayDriver

extension Connection {
  /// The dialect's own findings on a script, against the schema as it is now; nil where the driver has no linter.
  package func lint(_ script: String, operation: Operation) throws(DriverError) -> [LintFinding]? {
    guard let table = try table(belay_lint.self, operation) else { return nil }
    let call = Call(.lint, "lint")
    let rows = try collectRows(call, operation) { connection, operation, sink, error in
      script.withBorrowed { table.lint(connection, operation, $0, sink, error) }
    }
    return try rows.map { row throws(DriverError) in
      guard row.count == 5, let line = row[0].integer, let severity = row[1].text.flatMap(LintFinding.Severity.init),
        let rule = row[2].text, let message = row[3].text
      else { throw call.defect(of: driver, "its rows are not as agreed") }
      return LintFinding(line: Int(line), severity: severity, rule: rule, message: message, hint: row[4].text)
    }
  }
}
