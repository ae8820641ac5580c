import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns

/// The change on the restored copy, where nobody else writes: what breaks here never reaches the target.
struct Rehearsal {
  let run: Run
  let change: any Change
  let plan: ChangePlan
  let copy: ProvenCopy
  let allowLoss: Set<String>

  private var context: RunContext { run.context }

  func take() throws(BelayError) -> ChangeApplication.Outcome {
    let application = ChangeApplication(
      context: context, runID: run.id, plan: plan, url: copy.scratch.url, journal: nil, rehearsal: nil,
      allowLoss: allowLoss,
      open: { () throws(BelayError) in try copy.scratch.open(operation: context.stoppable("opening the copy")) })
    application.knownState = copy.state
    defer {
      let outcome = application.outcome
      for finding in outcome.findings { context.narrator.tell(.finding(finding)) }
      for table in outcome.observations.flatMap(\.tables) { context.narrator.tell(.observed(table)) }
      run.report.add("Rehearsal\(copy.standIn)", outcome.lines)
      let said = application.said.lines
      if !said.isEmpty { run.report.add("What the engine said in the rehearsal", said) }
    }
    do {
      try application.run()
    } catch {
      throw error.with(state: "\(run.access.redactedURL) is untouched: this happened on a restored copy, in rehearsal")
    }
    let connection = try copy.scratch.open(operation: context.stoppable("opening the copy"))
    defer { connection.close() }
    try change.confirmDone(plan, on: connection)
    return application.outcome
  }
}
