import BelayBase

/// How one check ended on a connection.
package struct CheckOutcome: Sendable, Equatable {
  package let definition: CheckDefinition
  /// Fails where the check could not be run.
  package let measurement: Result<Measurement, BelayError>
  package let duration: Duration

  package init(
    _ definition: CheckDefinition, _ measurement: Result<Measurement, BelayError>, duration: Duration = .zero
  ) {
    self.definition = definition
    self.measurement = measurement
    self.duration = duration
  }

  private var measured: Measurement? { try? measurement.get() }

  package var failure: BelayError? { if case .failure(let error) = measurement { error } else { nil } }
  package var passes: Bool { measured?.holds ?? false }

  package var description: String {
    measured?.description ?? "cannot run: \(failure.map { $0.causes.first ?? $0.message } ?? "")"
  }

  /// Against the same check before: a failure that was there already counts only if there is more of it.
  package func isWorse(than before: CheckOutcome?) -> Bool {
    measured.map { $0.isWorse(than: before?.measured) } ?? true
  }

  package var finding: Finding {
    Finding(
      definition.severity == .warning && failure == nil ? .warning : .error, source: "check", rule: definition.name,
      subject: "check \(definition.name)", message: description, hint: measured?.hint ?? failure?.hint,
      rows: measured?.sample)
  }

  package var result: CheckResult {
    let status: CheckResult.Status =
      failure != nil ? .error : passes ? .ok : definition.severity == .warning ? .warning : .failed
    var result = CheckResult(
      name: definition.name, template: definition.rule.template.rawValue, status: status,
      figure: measured?.figure ?? failure.map { $0.causes.first ?? $0.message } ?? "",
      threshold: measured?.threshold ?? "", milliseconds: Int(duration.seconds * 1000))
    result.severity = definition.severity
    result.number = measured?.number
    result.hint = measured?.hint ?? failure?.hint
    if let sample = measured?.sample, !sample.isEmpty { result.rows = sample }
    return result
  }
}
