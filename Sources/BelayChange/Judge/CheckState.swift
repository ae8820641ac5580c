import BelayBase
import BelayChecks
import BelayDatabase
import BelayDrivers

/// The state of all checks at one moment, to be held against a later one.
package struct CheckState: Sendable {
  package let checks: [CheckOutcome]
  package let integrity: [IntegrityFinding]
  /// The driver has no checks of its own.
  package let integrityKnown: Bool

  /// - Parameter onlyFootprint: of integrity only what the open transaction can have broken, where the driver can tell.
  package static func take(
    context: RunContext, connection: Connection, backup: LastBackup, onlyFootprint: Bool = false,
    when: (CheckDefinition.When) -> Bool
  ) throws(BelayError) -> CheckState {
    let checks = try CheckRunner(context: context, definitions: context.settings.checks)
      .run(on: CheckSubject(connection, backup: backup), when: when)
    do {
      let operation = context.stoppable("checking integrity")
      var findings: [IntegrityFinding]?
      if onlyFootprint { findings = try connection.checkFootprint(operation: operation) }
      if findings == nil { findings = try connection.integrity(full: false, operation: operation) }
      return CheckState(checks: checks, integrity: findings ?? [], integrityKnown: findings != nil)
    } catch {
      throw BelayError(error, doing: "cannot check the database's integrity", kind: .checkFailed)
    }
  }

  /// What is wrong now and was not before: of each kind only what is more than there was. Which row it is does not count,
  /// for a migration may give rows other ids, or tables other names.
  /// - Parameters:
  ///   - objects: the names of what is in the database now.
  ///   - unfinished: what was wrong before, and is in no copy on which that could have been seen.
  func newFindings(since before: CheckState, objects: Set<String>, unfinished: Set<String> = []) -> [Finding] {
    var found: [Finding] = []
    let earlier = Dictionary(before.checks.map { ($0.definition.name, $0) }, uniquingKeysWith: { first, _ in first })
    for result in checks where result.isWorse(than: earlier[result.definition.name]) {
      found.append(result.finding)
    }
    var known = Dictionary(before.integrity.map { ($0.group, 1) }, uniquingKeysWith: +)
    // What was wrong with an object that is gone may be wrong with one that took its place.
    var moved: [String: Int] = [:]
    for finding in before.integrity where !objects.contains(finding.object) { moved[finding.check, default: 0] += 1 }
    let objectsBefore = Set(before.integrity.map(\.object))
    let rows = Set(before.integrity.map(\.key))
    for (group, findings) in Dictionary(grouping: integrity, by: \.group).sorted(by: { $0.key < $1.key }) {
      // Those that were there before come first, so that the new ones are reported.
      for finding in findings.filter({ rows.contains($0.key) }) + findings.filter({ !rows.contains($0.key) }) {
        if unfinished.contains(finding.object) { continue }
        if let left = known[group], left > 0 {
          known[group] = left - 1
        } else if let left = moved[finding.check], left > 0, !objectsBefore.contains(finding.object) {
          moved[finding.check] = left - 1
        } else {
          found.append(finding.finding)
        }
      }
    }
    return found
  }
}

extension IntegrityFinding {
  fileprivate var key: String { [check, object, identity ?? "", message].joined(separator: "\u{1F}") }
}
