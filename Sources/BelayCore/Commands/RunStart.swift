import BelayBase
import BelayChange
import BelayDatabase
import BelayRuns
import BelayStore

/// Begins a run on a target, after tidying up what earlier runs of it left behind.
package struct RunStart {
  private let context: RunContext
  private let access: TargetAccess

  package init(context: RunContext, access: TargetAccess) {
    self.context = context
    self.access = access
  }

  /// - Parameters:
  ///   - label: what the run is for; part of its id.
  ///   - create: make the database where it does not exist, and fail where it holds something.
  package func begin(_ kind: RunRecord.Kind, label: String, create: Bool = false) throws(BelayError) -> Run {
    try context.store.runs.prepare()
    try endHarmlessRuns()
    let run = try Run(kind, label: label, access: access, context: context, create: create)
    if [.backup, .migrate, .guarded, .adopt, .rollback, .restoreTable].contains(kind) {
      PreviousDatabaseRetention(context: context, identity: run.identity).apply(through: run.connection)
    }
    return run
  }

  /// Carries a change out, from the beginning of its run to the end. A failure that says something of the backup is noted.
  func carryOut(
    _ kind: RunRecord.Kind, label: String, _ pipeline: (Run) throws(BelayError) -> ChangePipeline
  ) throws(BelayError) -> RunResult {
    let run = try begin(kind, label: label)
    let result: RunResult
    do throws(BelayError) {
      result = run.end(try pipeline(run).result())
    } catch {
      return run.end(RunResult(failure: error))
    }
    if let error = result.error, error.kind == .backupFailed || error.speaksAgainstArchive {
      ProofNotes(context: context)
        .noteFailedBackup(url: access.redactedURL, identity: run.identity, result.summary)
    }
    return result
  }

  /// A backup, a verification or an extraction that was killed has changed nothing. What it left is removed without a question, so that
  /// last night's crash does not stop tonight's backup.
  private func endHarmlessRuns() throws(BelayError) {
    for open in try context.store.runs.openRuns()
    where !open.isAlive && open.damage == nil && open.record.url == access.redactedURL {
      guard open.record.kind.isHarmless else { continue }
      let request = RecoverRequest(run: open.record.id)
      let result = Recovery(context: context, target: access.target, request: request).run()
      context.log(.notice, result.summary)
    }
  }
}
