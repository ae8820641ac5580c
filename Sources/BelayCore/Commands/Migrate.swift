import BelayArchive
import BelayBase
import BelayChange
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import Foundation
import SystemPackage

/// `belay migrate`: the whole way of a change.
///
///     preflight - audit - backup - verify - rehearse - confirm - apply - check - commit - report
///                                                                 any failure: back, prove, report
package struct Migrate {
  let context: RunContext
  package let access: TargetAccess
  package let request: MigrateRequest

  package func run() -> RunResult {
    do {
      if request.plan { return try showPlan() }
      let label = request.files.first ?? access.target.name ?? "migrate"
      let run = try RunStart(context: context, access: access).begin(.migrate, label: label)
      return run.end(MigrationRun(run: run, request: request).result())
    } catch {
      return RunResult(failure: error)
    }
  }

  /// Reads only: no journal, no lock, no ledger.
  private func showPlan() throws(BelayError) -> RunResult {
    let connection = try access.open(readOnly: true, scratch: nil, operation: context.stoppable("opening"))
    defer { connection.close() }
    let catalog: Catalog
    do {
      catalog = try connection.catalog(operation: context.stoppable())
    } catch {
      throw BelayError(error, doing: "cannot read the schema", status: .refused)
    }
    let plan = try Planner(context: context, request: request).plan(connection, catalog: catalog)
    let picture = PlanPicture(plan: plan, catalog: catalog, connection: connection, context: context)
    for finding in plan.findings { context.narrator.tell(.finding(finding)) }
    let refused = plan.findings.contains { $0.severity == .error }
    let count = plan.files.count
    return RunResult(
      refused ? .refused : .done,
      plan.isEmpty
        ? "nothing to apply" : "\(count) migration\(count == 1 ? "" : "s") would be applied; nothing was changed",
      output: plan.isEmpty ? ["nothing to apply"] : try picture.lines())
  }
}
