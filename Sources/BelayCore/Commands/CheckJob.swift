import BelayBase
import BelayChecks
import BelayDatabase
import BelayDrivers

/// `belay check`: the configured checks, and the engine's own, on the database as it is. Changes nothing.
package struct CheckJob {
  let context: RunContext
  package let access: TargetAccess

  /// For a check that has no `timeout`.
  private static let limitSeconds = 300

  package func run() throws(BelayError) -> RunResult {
    context.phase(.check, access.redactedURL)
    // One that cannot be run may have taken the connection with it: the next one gets another.
    var opened: CheckSubject? = try open()
    defer { opened?.connection.close() }
    func subject() throws(BelayError) -> CheckSubject {
      if let opened { return opened }
      let new = try open()
      opened = new
      return new
    }

    var results: [CheckResult] = []
    func take(_ told: CheckResult, _ findings: [Finding]) {
      var result = told
      result.target = name
      context.narrator.tell(.check(result))
      for finding in findings { context.narrator.tell(.finding(finding)) }
      results.append(result)
      guard result.status == .error else { return }
      opened?.connection.close()
      opened = nil
    }

    let runner = CheckRunner(
      context: context, definitions: context.settings.checks, limitSeconds: Self.limitSeconds)
    for definition in context.settings.checks {
      let outcome = try runner.run(definition, on: subject())
      take(outcome.result, outcome.result.status == .ok ? [] : [outcome.finding])
    }
    try checkIntegrity(on: subject().connection, take)
    return result(results)
  }

  private var name: String { access.target.name ?? access.redactedURL }

  private func open() throws(BelayError) -> CheckSubject {
    let connection = try access.open(readOnly: true, scratch: nil, operation: context.opening())
    return CheckSubject(
      connection, backup: .newest(context.store, identity: connection.traits.identity, keys: context.keys))
  }

  private func checkIntegrity(
    on connection: Connection, _ take: (CheckResult, [Finding]) -> Void
  ) throws(BelayError) {
    let began = ContinuousClock.now
    let integrity: IntegrityResults?
    do {
      integrity = try IntegrityResults.take(
        context: context, connection: connection, limitSeconds: Self.limitSeconds)
    } catch {
      guard error.kind == .checkFailed else { throw error }
      take(
        IntegrityResults.result(of: error, duration: began.duration(to: .now)),
        [
          Finding(
            .error, source: "integrity", subject: access.redactedURL,
            message: "cannot be checked: \(error.causes.first ?? error.message)", hint: error.hint)
        ])
      return
    }
    guard let integrity else {
      context.log(.notice, "integrity is not checked: this driver has no integrity check")
      return
    }
    var left = integrity.findings.map(\.finding)
    for result in integrity.results {
      take(result, left)
      left = []
    }
  }

  private func result(_ results: [CheckResult]) -> RunResult {
    let summary = "\(name): \(results.summary)"
    return switch results.worst {
    case .ok: RunResult(.done, summary)
    case .warning: RunResult(.doneWithWarnings, summary)
    case .failed, .error: RunResult(failure: BelayError(.checkFailed, summary, state: "nothing was changed"))
    }
  }
}
