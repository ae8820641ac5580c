import BelayArchive
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
  let backup: ArchiveReader
  let allowLoss: Set<String>

  private var context: RunContext { run.context }

  func take() throws(BelayError) -> ChangeApplication.Outcome {
    let application = ChangeApplication(
      context: context, runID: run.id, plan: plan, url: copy.scratch.url, journal: nil, rehearsal: nil,
      allowLoss: allowLoss,
      open: { () throws(BelayError) in try copy.scratch.open(operation: context.stoppable("opening the copy")) })
    application.knownState = copy.state
    application.backup = backup
    defer {
      let outcome = application.outcome
      for finding in outcome.record.findings { context.narrator.tell(.finding(finding)) }
      for table in outcome.record.observations.flatMap(\.tables) { context.narrator.tell(.observed(table)) }
      run.report.add(.rehearsal(outcome.record, standIn: copy.standIn))
      application.reportMessages(to: run.report)
    }
    do {
      try application.run()
      try application.checkRehearsedLockTime()
    } catch {
      throw error.with(
        state: "\(run.access.redactedURL) is untouched: this happened in the rehearsal, on a restored copy"
          + application.outcome.outsideWords)
    }
    let connection = try copy.scratch.open(operation: context.stoppable("opening the copy"))
    defer { connection.close() }
    try change.confirmDone(plan, on: connection)
    return application.outcome
  }
}
