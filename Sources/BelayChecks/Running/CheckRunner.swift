import BelayBase
import BelayDatabase
import BelayDrivers

/// Runs checks on a connection, one after the other. They only read.
package struct CheckRunner {
  package let context: RunContext
  private let definitions: [CheckDefinition]
  private let limitSeconds: Int?

  /// - Parameter limitSeconds: for a check that has no limit of its own; nil: none.
  package init(context: RunContext, definitions: [CheckDefinition], limitSeconds: Int? = nil) {
    self.context = context
    self.definitions = definitions
    self.limitSeconds = limitSeconds
  }

  /// For a change, which cannot go on where one cannot be run.
  package func run(
    on subject: CheckSubject, when: (CheckDefinition.When) -> Bool
  ) throws(BelayError) -> [CheckOutcome] {
    var outcomes: [CheckOutcome] = []
    for definition in definitions where when(definition.when) {
      let outcome = try run(definition, on: subject)
      if let failure = outcome.failure { throw failure }
      outcomes.append(outcome)
    }
    return outcomes
  }

  /// - Throws: only where a signal asked to stop.
  package func run(_ definition: CheckDefinition, on subject: CheckSubject) throws(BelayError) -> CheckOutcome {
    try context.checkCancelled()
    let began = ContinuousClock.now
    let limit = (definition.timeoutSeconds ?? limitSeconds).map { Duration.seconds($0) }
    // Not the run's own switch: one check that takes too long must not end the others.
    let linked = limit == nil ? context : context.linked()
    // The driver ends by itself what it can.
    let keeper = limit.map { TimeKeeper(linked.cancellation, after: $0 + .milliseconds(500)) }
    defer { keeper?.end() }
    let call = CheckCall(
      context: linked, subject: subject, name: definition.name, deadline: limit.map { began + $0 })
    let measurement: Result<Measurement, BelayError>
    do throws(Unmeasured) {
      measurement = .success(try definition.rule.measure(call))
    } catch {
      try context.checkCancelled()
      switch error {
      case .missing(let what, let hint):
        var missing = Measurement(.by(.infinity), figure: what, threshold: "it to be there")
        missing.hint = hint
        measurement = .success(missing)
      case .broken(let failure): measurement = .failure(call.isOver ? Self.tooLong(definition, limit) : failure)
      }
    }
    return CheckOutcome(definition, measurement, duration: began.duration(to: .now))
  }

  private static func tooLong(_ definition: CheckDefinition, _ limit: Duration?) -> BelayError {
    let seconds = Int(limit?.components.seconds ?? 0)
    return BelayError(
      .checkFailed, "cannot run the check \(definition.name)",
      hint: "if it may take that long, give it a larger `timeout` in belay.yaml",
      causes: ["it took more than \(DurationText.text(seconds)) and was ended"])
  }
}
