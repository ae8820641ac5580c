import BelayArchive
import BelayBase
import BelayChange
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import Foundation
import SystemPackage

/// `belay migrate`: the pending files of the migrations folder, through the pipeline.
package struct Migrate {
  let context: RunContext
  package let access: TargetAccess
  package let request: MigrateRequest

  package func run() -> RunResult {
    do {
      if request.plan { return try showPlan() }
      let label = request.files.first ?? access.target.name ?? "migrate"
      return try RunStart(context: context, access: access).carryOut(.migrate, label: label, pipeline)
    } catch {
      return RunResult(failure: error)
    }
  }

  private var change: SQLFilesChange { SQLFilesChange(context: context, request: request) }

  private func pipeline(_ run: Run) -> ChangePipeline {
    ChangePipeline(
      run: run, change: change,
      options: ChangeOptions(
        rehearses: request.rehearse, terminates: request.terminate, allowLoss: Set(request.allowLoss),
        backup: request.backup))
  }

  private func showPlan() throws(BelayError) -> RunResult {
    try ShownPlan(context: context, access: access, change: change).result { plan in
      "\(plan.count) would be applied; nothing was changed\(plan.leftOutWords)"
    }
  }
}
