import BelayBase
import BelayChange
import BelayDatabase
import BelayDrivers

/// `belay check`: the configured checks, foreign keys and integrity, on the database as it is. Changes nothing.
package struct CheckJob {
  let context: RunContext
  package let access: TargetAccess

  package func run() throws(BelayError) -> RunResult {
    context.phase(.check, access.redactedURL)
    let connection = try access.open(readOnly: true, scratch: nil, operation: context.opening())
    defer { connection.close() }
    let judgement = try CheckState.take(context: context, connection: connection, full: true, when: { _ in true })
    let findings = judgement.findings
    for finding in findings { context.narrator.tell(.finding(finding)) }
    var lines = judgement.checks.map { "\($0.passes ? "ok" : "FAILED")  \($0.definition.name): \($0.description)" }
    lines.append(
      judgement.integrityKnown
        ? "\(judgement.integrity.isEmpty ? "ok" : "FAILED")  integrity and foreign keys: \(judgement.integrity.count) findings"
        : "skipped  integrity: this driver has no integrity check")
    guard findings.isEmpty else {
      let error = BelayError(
        .checkFailed, "\(findings.count) findings in \(access.redactedURL)", state: "nothing was changed",
        causes: findings.prefix(10).map { $0.line + ($0.rowsHint.map { " (\($0))" } ?? "") })
      return RunResult(failure: error, output: lines)
    }
    return RunResult(.done, "all checks passed on \(access.redactedURL)", output: lines)
  }
}
