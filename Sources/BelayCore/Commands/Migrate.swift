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
      let run = try RunStart(context: context, access: access).begin(.migrate, label: label)
      let result = run.end(pipeline(run).result())
      if let error = result.error, error.kind == .backupFailed || error.speaksAgainstArchive {
        ProofNotes(context: context)
          .noteFailedBackup(url: access.redactedURL, identity: run.identity, result.summary)
      }
      return result
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

  /// Reads only: no journal, no lock, no ledger.
  private func showPlan() throws(BelayError) -> RunResult {
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
    return RunResult(
      .done, "\(plan.count) would be applied; nothing was changed\(plan.leftOutWords)", output: lines)
  }
}
