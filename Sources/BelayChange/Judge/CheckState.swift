import BelayBase
import BelayDatabase
import BelayDrivers

/// The state of all checks at one moment, to be held against a later one.
package struct CheckState: Sendable {
  package let checks: [CheckResult]
  package let integrity: [IntegrityFinding]
  /// The driver has no checks of its own.
  package let integrityKnown: Bool

  package static func take(
    context: RunContext, connection: Connection, full: Bool = false, when: (CheckDefinition.When) -> Bool
  ) throws(BelayError) -> CheckState {
    let checks = try CheckRunner(context: context, definitions: context.settings.checks)
      .run(on: connection, when: when)
    do {
      let findings = try connection.integrity(full: full, operation: context.stoppable("checking integrity"))
      return CheckState(checks: checks, integrity: findings ?? [], integrityKnown: findings != nil)
    } catch {
      throw BelayError(error, doing: "cannot check the database's integrity", kind: .checkFailed)
    }
  }

  /// What is wrong now and was not before.
  func newFindings(since before: CheckState) -> [Finding] {
    var found: [Finding] = []
    let earlier = Dictionary(before.checks.map { ($0.definition.name, $0) }, uniquingKeysWith: { first, _ in first })
    for result in checks where result.isWorse(than: earlier[result.definition.name]) {
      found.append(result.finding)
    }
    // Counted, not only known: rows without a name of their own give findings that are all alike.
    var known = Dictionary(before.integrity.map { ($0.key, 1) }, uniquingKeysWith: +)
    for finding in integrity {
      if let left = known[finding.key], left > 0 {
        known[finding.key] = left - 1
      } else {
        found.append(finding.finding)
      }
    }
    return found
  }

  package var findings: [Finding] { checks.filter { !$0.passes }.map(\.finding) + integrity.map(\.finding) }
}

extension CheckResult {
  package var finding: Finding {
    Finding(
      .error, source: "check", rule: definition.name, subject: "check \(definition.name)", message: description,
      rows: sample)
  }
}

extension IntegrityFinding {
  fileprivate var key: String { [check, object, identity ?? "", message].joined(separator: "\u{1F}") }

  package var finding: Finding {
    Finding(
      .error, source: "integrity", rule: check, subject: object,
      message: identity.map { "\(message) (row \($0))" } ?? message)
  }
}
