import BelayDriverKit
import SQLiteDialect

extension SQLiteConnection: Linting {
  package func lint(_ script: UnsafeRawBufferPointer, operation: Operation) throws(DriverFailure) -> [LintFinding] {
    try during(operation) { () throws(DriverFailure) in
      try Linter(script, live, enforcesForeignKeys: settings.enforcesForeignKeys).findings()
    }
  }
}
