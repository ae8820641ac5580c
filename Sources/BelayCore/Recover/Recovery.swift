import BelayArchive
import BelayDrivers
import Foundation

/// `belay recover`: ends runs that were cut off, by what their journals say. Also what the front starts when a worker
/// dies.
struct Recovery {
  let context: RunContext
  /// Where the journal's URL lost a secret: the target from belay.yaml or the command line.
  let target: Target?
  let request: RecoverRequest

  func run() -> RunResult {
    do {
      let open = try openRuns()
      guard !open.isEmpty else {
        return RunResult(.done, "there is nothing to recover", output: ["there is nothing to recover"])
      }
      var results: [RunResult] = []
      for run in open { results.append(recover(run)) }
      if results.count == 1, let only = results.first { return only }
      let worst = results.map(\.status).max { $0.rawValue < $1.rawValue } ?? .done
      return RunResult(worst, "\(results.count) runs: " + results.map(\.summary).joined(separator: "; "))
    } catch {
      return RunResult(failure: error)
    }
  }

  private func openRuns() throws(BelayError) -> [OpenRun] {
    guard let id = request.run else { return try context.store.openRuns() }
    guard let run = try context.store.openRun(id) else { return [] }
    return [run]
  }

  private func recover(_ open: OpenRun) -> RunResult {
    context.phase(.recover, "\(open.record.kind.rawValue) \(open.record.id)")
    do throws(BelayError) {
      let recorded = Target(name: open.record.target, url: open.record.url, folder: open.record.folder)
      let access = try context.access(target ?? recorded)
      try access.enterFolder()
      let run = try Run(resuming: open, access: access, context: context)
      guard run.identity == open.record.identity else {
        run.connection.close()
        throw BelayError(
          .refused, "run \(open.record.id) was on \(open.record.identity), not on \(run.identity)",
          hint: "name its target", state: "nothing was changed")
      }
      return run.end(RecoveredRun(run: run, open: open).result(afterCrash: request.afterCrash))
    } catch {
      return RunResult(failure: error)
    }
  }
}
