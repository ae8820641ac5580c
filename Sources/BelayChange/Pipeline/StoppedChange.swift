import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// A change of several steps whose later step failed in a transaction of its own. The engine has rolled that one back; what
/// was committed before has passed its checks. Stopping there takes nothing away from others.
struct StoppedChange {
  let run: Run
  let plan: ChangePlan
  let committedSteps: Int
  /// The schema that the last committed step left behind.
  let catalog: Catalog
  let archive: String

  private var context: RunContext { run.context }
  private var target: String { run.access.redactedURL }

  /// nil: the change has not stopped at such a place.
  init?(
    run: Run, plan: ChangePlan, effect: Effect, outcome: ChangeApplication.Outcome, archive: String
  ) {
    guard case .partial(let partial) = effect, partial.committedSteps > 0,
      plan.steps.indices.contains(partial.committedSteps), plan.steps[partial.committedSteps].isTransaction,
      outcome.catalogs.indices.contains(partial.committedSteps - 1)
    else { return nil }
    self.run = run
    self.plan = plan
    committedSteps = partial.committedSteps
    catalog = outcome.catalogs[partial.committedSteps - 1]
    self.archive = archive
  }

  private var applied: [any ChangePart] { plan.steps[..<committedSteps].flatMap(\.parts) }

  /// By what was chosen beforehand; else a person is asked, and without one everything is put back.
  func isWanted(after failure: BelayError) -> Bool {
    guard !context.cancellation.isCancelled else { return false }
    if let policy = context.settings.migrations.onFailure { return policy == .stop }
    guard context.interactive else { return false }
    context.log(.error, failure.message)
    let question =
      "\(plan.count(of: applied)) of \(plan.parts.count) applied and checked; the next one has left nothing behind. "
      + "stop here? (no: put everything back)"
    return context.narrator.ask(.yesNo, question) == "yes"
  }

  /// - Returns: nil: it is not proven, so everything is to be put back.
  func result(after failure: BelayError) -> RunResult? {
    do {
      try prove()
      try run.journal.write(.stopped(step: committedSteps))
    } catch {
      context.log(.warning, "cannot stop here, so everything is put back: \(error.message)")
      return nil
    }
    let words = plan.count(of: applied)
    let error = BelayError(
      .stopped, failure.message,
      hint: "correct the \(plan.noun) that failed, then run `belay migrate` again; "
        + "to put everything back: \(run.undoCommand(archive))",
      state:
        "\(words) of \(plan.parts.count) applied to \(target), checked and committed; what failed has left nothing behind, "
        + "and proven",
      causes: [failure.hint].compactMap(\.self) + failure.causes)
    return RunResult(
      failure: error, summary: "stopped after \(words) of \(plan.parts.count): \(failure.message)", archive: archive)
  }

  /// The schema is what the last committed step left behind, and the ledger names its parts and no others.
  private func prove() throws(BelayError) {
    context.phase(.prove, target)
    let connection = try run.access.open(scratch: run.scratchFolder, operation: context.unstoppable("opening"))
    defer { connection.close() }
    let present: Catalog
    do {
      present = try connection.catalog(operation: context.unstoppable())
    } catch {
      throw BelayError(error, doing: "cannot read the schema", kind: .failed)
    }
    let (reach, left) = (plan.reach, DatabaseState(catalog: catalog, tables: [:]))
    let own = DatabaseState(catalog: present, tables: [:]).differences(from: left)
      .filter { !$0.isOfLock && reach.contains($0) }
    guard own.isEmpty else {
      throw BelayError(
        .failed, "the schema is not as the last transaction left it", causes: own.prefix(10).map(\.description))
    }
    guard let receipts = plan.receipts else { return }
    let recorded = try receipts.parts(of: run.id, connection, context: context)
    guard Set(recorded) == Set(applied.map(\.name)) else {
      throw BelayError(
        .failed, "the ledger \(receipts.table) does not name what was applied", causes: recorded)
    }
  }
}
