import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayProcess
import BelayStore
import BelayText
import Foundation
import SystemPackage

/// The hooks of `hooks:` in belay.yaml, at the stations of one run. Used by one thread.
///
/// None is executed while the run holds locks in the target that others wait for: `before apply` comes before BEGIN, and
/// `after apply` after COMMIT.
package final class RunHooks {
  private let run: Run
  private let hooks: [RunHook]
  /// For the facts: the run's backup, and what the change did.
  package var archive: String?
  package var deltas: [TableDelta]?
  /// One has failed that stops nothing.
  package private(set) var hasWarned = false

  private var context: RunContext { run.context }

  package init(run: Run) {
    self.run = run
    hooks = run.context.settings.hooks
  }

  /// Before a station. Ctrl+C ends a hook.
  /// - Throws: where one fails that may stop the run.
  package func before(_ station: RunHook.Station) throws(BelayError) {
    for hook in hooks where hook.side == .before && hook.station == station { try execute(hook) }
  }

  /// After a station that went well.
  package func after(_ station: RunHook.Station) throws(BelayError) {
    for hook in hooks where hook.side == .after && hook.station == station && hook.outcome != .failure {
      try execute(hook, outcome: .success)
    }
  }

  /// After a station that failed. Nothing more can be stopped.
  package func after(_ station: RunHook.Station, failed error: BelayError) {
    for hook in hooks where hook.side == .after && hook.station == station && hook.outcome != .success {
      warn { () throws(BelayError) in try execute(hook, outcome: .failure, error: error) }
    }
  }

  /// Before or after something that must not be stopped.
  package func warnOnly(_ side: RunHook.Side, _ station: RunHook.Station) {
    warn { () throws(BelayError) in
      switch side {
      case .before: try before(station)
      case .after: try after(station)
      }
    }
  }

  /// Carries out a station, with its hooks around it.
  package func around<Output>(
    _ station: RunHook.Station, _ body: () throws(BelayError) -> Output
  ) throws(BelayError) -> Output {
    try before(station)
    let output: Output
    do {
      output = try body()
    } catch {
      after(station, failed: error)
      throw error
    }
    try after(station)
    return output
  }

  private func warn(_ body: () throws(BelayError) -> Void) {
    do { try body() } catch {
      hasWarned = true
      context.log(.warning, ([error.message] + error.causes).joined(separator: ": "))
    }
  }

  // MARK: One hook

  private func execute(
    _ hook: RunHook, outcome: RunHook.Outcome? = nil, error: BelayError? = nil
  ) throws(BelayError) {
    // What must not be stopped is not stopped by a signal either: it has its time.
    let isStoppable = hook.canStop
    if isStoppable { try context.checkCancelled() }
    let command = hook.shownCommand
    context.log(.notice, "hook \(hook.moment): \(command)")
    let began = ContinuousClock.now
    let process = HookProcess(
      executable: "/bin/sh",
      arguments: ["sh", "-c", "cd \"$1\" && eval \"$2\"", "sh", context.settings.hooksFolder, hook.command],
      environment: environment(hook, outcome, error), input: facts(hook, outcome, error), mark: Self.mark(of: run),
      keeping: KeptOutput(first: 2000, last: 6000))
    var record = HookRecord(command: command, moment: hook.moment, seconds: 0, failure: nil, output: "")
    do throws(ProcessStart.Failure) {
      let ended = try process.run(
        limit: .seconds(hook.timeoutSeconds), isStopped: { isStoppable && context.cancellation.isCancelled })
      record.output = ended.output
      switch ended.ending {
      case .exited(0): break
      case nil where isStoppable && context.cancellation.isCancelled: record.failure = "was interrupted"
      case nil: record.failure = "took more than \(DurationText.text(hook.timeoutSeconds)) and was ended"
      case .exited(127): record.failure = "exited with status 127, as a shell does where it finds no such command"
      case let ending?: record.failure = ending.description
      }
    } catch {
      record.failure = "cannot be started: \(error.reason)"
    }
    record.seconds = (ContinuousClock.now - began).seconds
    run.report.add(record)
    if isStoppable { try context.checkCancelled() }
    guard let failure = record.failure else { return }
    try fail(hook, failure, output: record.output)
  }

  private func fail(_ hook: RunHook, _ failure: String, output: String) throws(BelayError) {
    let last = VisibleText.lines(output).suffix(5).filter { !$0.isEmpty }
    let message = "the hook \(hook.moment), `\(hook.shownCommand)`, \(failure)"
    guard hook.onFailure == .stop else {
      hasWarned = true
      context.log(.warning, ([message] + last).joined(separator: ": "))
      return
    }
    throw BelayError(
      hook.station == .apply && hook.side == .after ? .checkFailed : .refused, message,
      hint: "its output is in the report; with `on_failure: warn` it stops nothing", causes: last)
  }

  private func environment(
    _ hook: RunHook, _ outcome: RunHook.Outcome?, _ error: BelayError?
  ) -> [String: String] {
    [
      "BELAY_RUN": run.id, "BELAY_KIND": run.kind.rawValue, "BELAY_TARGET": run.access.target.name ?? "",
      "BELAY_URL": run.access.redactedURL, "BELAY_WHEN": hook.moment, "BELAY_OUTCOME": outcome?.rawValue ?? "",
      "BELAY_ERROR": error?.message ?? "", "BELAY_ARCHIVE": archive ?? "", "BELAY_RUN_FOLDER": run.folder.string,
    ].mapValues(VisibleText.line)
  }

  private func facts(_ hook: RunHook, _ outcome: RunHook.Outcome?, _ error: BelayError?) -> [UInt8] {
    var facts = HookFacts(
      run: run.id, kind: run.kind.rawValue, target: run.access.target.name, url: run.access.redactedURL,
      moment: hook.moment, folder: run.folder.string)
    facts.outcome = outcome?.rawValue
    facts.error = error.map { HookFacts.Failure(kind: $0.kind, message: $0.message) }
    facts.archive = archive
    facts.tables = deltas?.map {
      HookFacts.Table(table: $0.table.description, before: $0.before, after: $0.after)
    }
    do { return Array(try JSONLine.encode(facts)) } catch {
      context.log(.warning, "cannot write the facts of the run to a hook's stdin: \(error)")
      return []
    }
  }

  // MARK: After a crash

  /// The run's folder, for two stores may have runs of one id.
  private static func mark(of run: Run) -> String { run.folder.string }

  /// Ends the hooks of a run that was cut off: they know nothing of its recovery.
  /// - Returns: whether there was one.
  package static func endLeft(of run: Run) -> Bool {
    let ended = HookProcess.processes(mark: mark(of: run)).end(after: .seconds(5))
    guard !ended.isEmpty else { return false }
    let words = ended.map { redact(words: $0.words) }.joined(separator: ", ")
    run.context.log(.warning, "ended the hook that was still running: \(words)")
    return true
  }
}
