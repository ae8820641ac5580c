import BelayRows
import BelayText
import CBelayDriver

extension Connection {
  /// Findings about a script that are specific to the engine, against the current schema; nil if the driver has no
  /// linter.
  package func lint(_ script: String, operation: Operation) throws(DriverError) -> [LintFinding]? {
    guard let table = try table(belay_lint.self, operation) else { return nil }
    let findings: [LintFinding] = try collectTable(Call(.lint, "lint", of: script), operation) {
      connection, operation, sink, error in
      script.withBorrowed { table.lint(connection, operation, $0, sink, error) }
    }
    return findings.map { finding in
      var finding = finding
      finding.message = url.hide(in: finding.message)
      finding.hint = finding.hint.map(url.hide)
      return finding
    }
  }
}
