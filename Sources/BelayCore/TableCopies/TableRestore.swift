import BelayBase
import BelayChange
import BelayDatabase
import BelayRuns
import BelayStore

/// `belay restore --from-table`: the rows of a copy go back into their table, through the pipeline.
package struct TableRestore {
  let context: RunContext
  package let access: TargetAccess
  package let request: TableRestoreRequest

  package func run() -> RunResult {
    do {
      if request.plan {
        return try ShownPlan(context: context, access: access, change: change).result { plan in
          "\(plan.parts.first?.name ?? "the table") would be restored; nothing was changed"
        }
      }
      let label = access.target.name ?? "restore-table"
      return try RunStart(context: context, access: access).carryOut(.restoreTable, label: label) { run in
        ChangePipeline(run: run, change: change, options: ChangeOptions(backup: request.backup))
      }
    } catch {
      return RunResult(failure: error)
    }
  }

  private var change: TableCopyChange {
    let target = access.target.name ?? access.redactedURL
    return TableCopyChange(
      context: context, name: request.name, allowLoss: request.allowLoss,
      again: (["belay", "restore", "--from-table", request.name.shellWord, "--into", target.shellWord]
        + context.settings.repeatedOptions).joined(separator: " "))
  }
}
