import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import Foundation

/// `belay recover`: ends runs that were cut off, by what their journals say. Also what the front starts when a worker
/// dies.
package struct Recovery {
  let context: RunContext
  package let target: Target?
  package let request: RecoverRequest

  package func run() -> RunResult {
    do {
      try context.store.runs.checkOwnership()
      if let identity = request.previousDatabasesOf { return try dropPreviousDatabases(of: identity) }
      let open = try openRuns()
      guard !open.isEmpty else {
        if let id = request.run { return try ended(id) }
        return RunResult(.done, "there is nothing to recover", output: ["there is nothing to recover"])
      }
      return RunResult.together(open.map(recover)) ?? RunResult(.done, "there is nothing to recover")
    } catch {
      return RunResult(failure: error)
    }
  }

  private func openRuns() throws(BelayError) -> [OpenRun] {
    guard let id = request.run else { return try context.store.runs.openRuns() }
    guard let run = try context.store.runs.openRun(id) else { return [] }
    return [run]
  }

  /// The run has ended by itself. Who asks because its worker died wants to know how.
  private func ended(_ id: String) throws(BelayError) -> RunResult {
    guard let ending = context.store.runs.ending(of: id) else {
      return RunResult(.done, "there is nothing to recover", output: ["there is nothing to recover"])
    }
    guard request.afterCrash else {
      return RunResult(.done, "run \(id) has already ended: \(ending.summary)")
    }
    return RunResult(ending: ending, of: id)
  }

  private func recover(_ open: OpenRun) -> RunResult {
    // A worker that has just died may seem to live for a moment: its front says nothing of it.
    if open.isAlive, !request.afterCrash {
      context.log(
        .notice, "run \(open.record.id) is still running, as process \(open.record.processID): waiting for it")
    }
    context.phase(.recover, "\(open.record.kind.rawValue) \(open.record.id)")
    do throws(BelayError) {
      if let damage = open.damage {
        if damage.kind == .refused {
          throw BelayError(.refused, damage.message, hint: damage.hint, state: "belay did nothing by that journal")
        }
        throw BelayError(
          .notRolledBack, damage.message, hint: damage.hint, state: "the state of \(open.record.url) is not known")
      }
      try admitArchives(of: open)
      let access = try context.access(try target.required())
      let run = try Run(resuming: open, access: access, context: context)
      guard run.identity == open.record.identity else {
        run.leave()
        throw BelayError(
          .refused, "run \(open.record.id) was on \(open.record.identity), not on \(run.identity)",
          hint: "give its target with --target", state: "nothing was changed")
      }
      // Read again under the lock: a run that was still at work has gone on since, or has ended, and what it did after
      // its journal was first read must not be undone.
      guard let now = try context.store.runs.openRun(open.record.id) else {
        run.leave()
        return try ended(open.record.id)
      }
      PreviousDatabaseRetention(context: context, identity: run.identity).apply(
        through: run.connection, excluding: run.id)
      return run.end(RecoveredRun(run: run, open: now).result(afterCrash: request.afterCrash))
    } catch {
      return RunResult(failure: error)
    }
  }

  /// The archives that the way back may restore.
  private func admitArchives(of open: OpenRun) throws(BelayError) {
    guard open.record.kind.changesTarget || open.record.kind == .rollback else { return }
    let admission = ArchiveAdmission(context: context, isTrusted: request.trust)
    for case .backedUp(let id) in open.steps { try admitIfThere(id, admission) }
    for case .rollingBack(_, let id) in open.steps { try admitIfThere(id, admission) }
  }

  /// One that is gone, or cannot be read, is reported where it is needed.
  private func admitIfThere(_ id: String, _ admission: ArchiveAdmission) throws(BelayError) {
    guard let reader = try? context.store.archives.entry(id)?.open() else { return }
    try admission.admit(reader)
  }

  /// Previous databases whose time is over, on a target that no open run is on.
  private func dropPreviousDatabases(of identity: String) throws(BelayError) -> RunResult {
    let access = try context.access(try target.required())
    let connection = try access.open(scratch: nil, operation: context.opening())
    defer { connection.close() }
    guard connection.traits.identity == identity else {
      throw BelayError(
        .refused, "the previous databases belong to \(identity), not to \(connection.traits.identity)",
        hint: "give their target with --target", state: "nothing was changed")
    }
    let lock = try TargetLock(runs: context.store.runs, identity: identity, holder: "recovery, process \(getpid())")
    let dropped = PreviousDatabaseRetention(context: context, identity: identity).apply(through: connection)
    lock.release()
    let lines = dropped.map { "dropped the \($0.kind) \($0.url)" }
    return RunResult(
      .done, lines.isEmpty ? "there is nothing to recover" : lines.joined(separator: "; "), output: lines)
  }
}
