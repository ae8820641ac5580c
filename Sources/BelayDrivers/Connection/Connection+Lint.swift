import BelayRows
import CBelayDriver

extension Connection {
  /// The dialect's own findings on a script, against the schema as it is now; nil where the driver has no linter.
  package func lint(_ script: String, operation: Operation) throws(DriverError) -> [LintFinding]? {
    guard let table = try table(belay_lint.self, operation) else { return nil }
    return try collectTable(Call(.lint, "lint"), operation) { connection, operation, sink, error in
      script.withBorrowed { table.lint(connection, operation, $0, sink, error) }
    }
  }
}
