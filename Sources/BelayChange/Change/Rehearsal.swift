import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns

/// The migration on the restored copy, where nobody else writes: what breaks here never reaches the target.
package struct Rehearsal {
  package let run: Run
  package let plan: MigrationPlan
  package let copy: ProvenCopy
  package let allowLoss: Set<String>

  package init(run: Run, plan: MigrationPlan, copy: ProvenCopy, allowLoss: Set<String>) {
    self.run = run
    self.plan = plan
    self.copy = copy
    self.allowLoss = allowLoss
  }

  private var context: RunContext { run.context }

  package func take() throws(BelayError) -> Change.Outcome {
    var change = Change(
      context: context, runID: run.id, plan: plan, journal: nil, isRehearsed: false, allowLoss: allowLoss,
      open: { () throws(BelayError) in try copy.scratch.open(operation: context.stoppable("opening the copy")) })
    change.knownState = copy.state
    defer {
      for finding in change.outcome.findings { context.narrator.tell(.finding(finding)) }
      for table in change.outcome.observations.flatMap(\.tables) { context.narrator.tell(.observed(table)) }
      run.report.add("Rehearsal\(copy.standIn)", change.outcome.lines)
      if !change.said.lines.isEmpty { run.report.add("What the engine said in the rehearsal", change.said.lines) }
    }
    do {
      try change.run()
    } catch {
      throw BelayError(
        error.kind, error.message, hint: error.hint,
        state: "\(run.access.redactedURL) is untouched: this happened on a restored copy, in rehearsal",
        causes: error.causes)
    }
    try confirmSecondRunDoesNothing()
    return change.outcome
  }

  private func confirmSecondRunDoesNothing() throws(BelayError) {
    let connection = try copy.scratch.open(operation: context.stoppable("opening the copy"))
    defer { connection.close() }
    let applied = Set(try plan.ledger.rows(connection).map(\.name))
    guard let missing = plan.files.map(\.file.name).first(where: { !applied.contains($0) }) else { return }
    throw BelayError(
      .migrationFailed, "after the rehearsal the ledger does not hold \(missing): a second run would apply it again",
      hint: "does the migration itself write to \(plan.ledger.table)?")
  }
}
