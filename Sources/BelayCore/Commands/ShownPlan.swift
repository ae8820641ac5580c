import BelayBase
import BelayChange
import BelayDatabase
import BelayDrivers
import BelayRuns

/// `--plan`: what a change would do. Reads only: no journal, no lock, no ledger.
struct ShownPlan {
  let context: RunContext
  let access: TargetAccess
  let change: any Change

  /// - Parameter summary: of a plan that can be carried out.
  func result(_ summary: (ChangePlan) -> String) throws(BelayError) -> RunResult {
    let connection = try access.open(readOnly: true, scratch: nil, operation: context.opening())
    defer { connection.close() }
    let catalog: Catalog
    do {
      catalog = try connection.catalog(operation: context.stoppable())
    } catch {
      throw BelayError(error, doing: "cannot read the schema", kind: .refused)
    }
    let plan = try change.plan(on: connection, catalog: catalog)
    let picture = PlanText(plan: plan, catalog: catalog, connection: connection, context: context)
    for finding in plan.findings { context.narrator.tell(.finding(finding)) }
    guard !plan.isEmpty else { return RunResult(nothingIn: plan) }
    let lines = try picture.lines()
    let errors = plan.findings.count { $0.severity == .error }
    guard errors == 0 else {
      let what = errors == 1 ? "of an error" : "of \(errors) errors"
      return RunResult(
        failure: BelayError(
          .refused, "the plan cannot be carried out because \(what)", hint: "see the findings above and their hints",
          state: "nothing was changed"), output: lines)
    }
    return RunResult(.done, summary(plan), output: lines)
  }
}
