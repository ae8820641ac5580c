import BelayBase
import BelayChange
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// `belay guard`: a command of somebody else's, through the pipeline.
package struct Guard {
  let context: RunContext
  package let access: TargetAccess
  package let request: GuardRequest

  package func run() -> RunResult {
    do {
      if request.plan { return try showPlan() }
      let label = access.target.name ?? "guard"
      return try RunStart(context: context, access: access).carryOut(.guarded, label: label, pipeline)
    } catch {
      return RunResult(failure: error)
    }
  }

  private func change(of run: String = "") -> GuardedCommand {
    GuardedCommand(context: context, request: request, target: access.target, runID: run)
  }

  private func pipeline(_ run: Run) -> ChangePipeline {
    ChangePipeline(
      run: run, change: change(of: run.id),
      options: ChangeOptions(
        rehearses: request.rehearse, terminates: request.terminate, backup: request.backup))
  }

  private func showPlan() throws(BelayError) -> RunResult {
    try ShownPlan(context: context, access: access, change: change()).result { plan in
      "the command would be run; nothing was changed"
    }
  }
}
