import BelayBase
import BelayChange
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// `belay down new VERSION`: drafts the way down of a migration. The target is only read.
package struct DraftDown {
  let context: RunContext
  package let access: TargetAccess
  package let request: DownDraftRequest

  package func run() -> RunResult {
    do throws(BelayError) {
      let label = access.target.name
      let run = try RunStart(context: context, access: access).begin(.draft, label: label ?? "draft")
      let result: RunResult
      do throws(BelayError) {
        result = try draft(
          NewWayDown(run: run, version: request.version, target: label ?? access.redactedURL.shellWord))
      } catch {
        result = RunResult(failure: context.cancellation.isCancelled ? context.interruption() : error)
      }
      return run.end(result)
    } catch {
      return RunResult(failure: error)
    }
  }

  private func draft(_ new: NewWayDown) throws(BelayError) -> RunResult {
    let drafted = try new.draft()
    let path = try MigrationFiles(settings: context.settings.migrations).put(drafted.file, replacing: drafted.was)
    for line in drafted.missing {
      context.narrator.tell(
        .finding(
          Finding(
            .warning, source: "down", rule: "not-undone", subject: drafted.migration,
            message: "its way down does not undo this: \(line)")))
    }
    let count = Counted.text(drafted.statements, "statement")
    let summary = "drafted the way down of \(drafted.migration): \(count)"
    return drafted.missing.isEmpty
      ? RunResult(.done, summary + "; in an empty database they make the schema what it was before", output: [path])
      : RunResult(.doneWithWarnings, summary + "; complete it by hand", output: [path])
  }
}
