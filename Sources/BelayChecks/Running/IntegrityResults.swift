import BelayBase
import BelayDatabase
import BelayDrivers

/// What the engine's own check of a database found, as checks among the others: the references between rows, the
/// sequences, and the rest.
package struct IntegrityResults {
  package let findings: [IntegrityFinding]
  private let duration: Duration
  /// What the three are called.
  package static let names = ["integrity", "foreign keys", "sequences"]

  /// nil: the driver has no such check.
  /// - Throws: where it cannot be run.
  package static func take(
    context: RunContext, connection: Connection, limitSeconds: Int
  ) throws(BelayError) -> IntegrityResults? {
    let began = ContinuousClock.now
    let linked = context.linked()
    let limit = Duration.seconds(limitSeconds)
    let keeper = TimeKeeper(linked.cancellation, after: limit + .milliseconds(500))
    defer { keeper.end() }
    let narrator = context.narrator
    let operation = linked.statementOperation(
      "checking integrity", seconds: limitSeconds, said: { narrator.tell(.log($0)) })
    do {
      guard let findings = try connection.integrity(full: true, operation: operation) else { return nil }
      return IntegrityResults(findings: findings, duration: began.duration(to: .now))
    } catch {
      try context.checkCancelled()
      var failure = BelayError(error, doing: "cannot check the database's integrity", kind: .checkFailed)
      if began.duration(to: .now) >= limit {
        failure.causes = ["it took more than \(DurationText.text(limitSeconds)) and was ended"]
      }
      throw failure
    }
  }

  package var results: [CheckResult] {
    let references = findings.filter { $0.check == IntegrityFinding.foreignKey }
    let sequences = findings.filter { $0.check == "sequence" }
    let others = findings.filter { !references.contains($0) && !sequences.contains($0) }
    return zip(Self.names, [others, references, sequences]).map { name, found in
      var result = CheckResult(
        name: name, template: "integrity", status: found.isEmpty ? .ok : .failed,
        figure: found.isEmpty ? "no findings" : Counted.text(found.count, "finding"), threshold: "no findings",
        milliseconds: name == Self.names[0] ? Int(duration.seconds * 1000) : 0)
      result.number = CheckResult.Number(Double(found.count), most: 0)
      if !found.isEmpty { result.rows = found.prefix(5).map { "\($0.object): \($0.finding.message)" } }
      return result
    }
  }

  /// For one that could not be run.
  package static func result(of failure: BelayError, duration: Duration) -> CheckResult {
    var result = CheckResult(
      name: names[0], template: "integrity", status: .error, figure: failure.causes.first ?? failure.message,
      threshold: "no findings", milliseconds: Int(duration.seconds * 1000))
    result.hint = failure.hint
    return result
  }
}
