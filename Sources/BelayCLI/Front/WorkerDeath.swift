import BelayBase
import BelayCore
import BelayProcess
import BelaySystem

/// What is reported if a worker dies without a result.
enum WorkerDeath {
  /// No run had begun, so nothing in the target was touched.
  static func beforeRun(_ job: Job, ending: ProcessEnding, lastWords: String?) -> RunResult {
    let kind: BelayError.Kind =
      switch job.work {
      case .backup: .backupFailed
      case .doctor, .status, .migrate, .guarded, .adopt, .draftDown, .journal, .tableRestore: .refused
      case .verify, .check, .archive, .rollback, .restore, .tableCopies, .extract, .diff, .rekey: .failed
      case .recover: .notRolledBack
      }
    let message = "the worker \(ending) and left no result"
    let causes = (lastWords.map { ["when it died, \($0)"] } ?? []) + limits(ending)
    let error =
      if kind == .notRolledBack {
        BelayError(
          kind, message, hint: "belay recover", state: "the runs that were open may be open still", causes: causes)
      } else {
        BelayError(
          kind, message, hint: lastWords == nil ? nil : "a driver may have crashed: `belay driver list` tries each",
          state: "no run had begun: the database is untouched", causes: causes)
      }
    return RunResult(failure: error)
  }

  /// A limit that may have ended it: the system tells nobody which.
  static func limits(_ ending: ProcessEnding) -> [String] {
    var limits = SystemLimit.tight
    if case .killed = ending { limits += SystemLimit.deadly }
    return limits.map { "\($0.text), which may be what ended it" }
  }

  /// Neither the run nor its recovery came to an end.
  static func inRecovery(run: String, cause: String) -> RunResult {
    let error = BelayError(
      .notRolledBack, "run \(run) is neither finished nor undone",
      hint: "belay recover", state: "the database may be in between; its archive and the journal of the run are kept",
      causes: [cause])
    return RunResult(failure: error, run: run)
  }
}
