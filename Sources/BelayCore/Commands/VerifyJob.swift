import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// `belay verify ID`: up to a level. Only `restore` needs a driver, and a target to restore beside.
package struct VerifyJob {
  let context: RunContext
  package let target: Target?
  package let request: VerifyRequest

  package func run() throws(BelayError) -> RunResult {
    verify(try context.store.archive(request.id, acceptingFailed: true))
  }

  /// A file elsewhere is none of this store's: nothing is remembered of it.
  private var record: ProofNotes? { Store.isPath(request.id) ? nil : ProofNotes(context: context) }

  private func verify(_ entry: ArchiveEntry) -> RunResult {
    do throws(BelayError) {
      guard request.level != .restore else { return try restore(entry) }
      context.phase(.verify, "\(entry.id), level \(request.level.rawValue)")
      _ = try Verification(context: context).verifyFile(entry, level: request.level)
      record?.noteGood(entry.id, level: request.level)
      return result(entry, .done, level: request.level)
    } catch {
      return RunResult(failure: failure(error, of: entry), archive: entry.id)
    }
  }

  /// What to tell of a proof that ended with an error. The store remembers it where it speaks against the archive.
  private func failure(_ error: BelayError, of entry: ArchiveEntry) -> BelayError {
    let failure = context.cancellation.isCancelled ? context.interruption() : error
    record?.noteFailed(entry.id, level: request.level, failure)
    return withoutKey(failure)
  }

  private func restore(_ entry: ArchiveEntry) throws(BelayError) -> RunResult {
    let reader = try entry.open(with: context.keys)
    let access = try context.access(try target.required())
    let run = try RunStart(context: context, access: access).begin(.verify, label: "verify")
    do throws(BelayError) {
      let outcome = try ArchiveVerification(
        context: context, access: access, connection: run.connection, journal: run.journal,
        scratchFolder: run.scratchFolder, label: run.id
      ).verify(reader, level: request.level)
      let level = outcome.level
      try run.journal.write(.verified(archive: entry.id, level: level))
      record?.noteGood(entry.id, level: level, ProofSeconds(restore: outcome.restoreSeconds))
      for finding in outcome.unchecked { context.narrator.tell(.finding(finding)) }
      let isComplete = level == request.level && outcome.unchecked.isEmpty && outcome.warnings.isEmpty
      return run.end(result(entry, isComplete ? .done : .doneWithWarnings, level: level))
    } catch {
      return run.end(RunResult(failure: failure(error, of: entry), archive: entry.id))
    }
  }

  /// What can be checked all the same.
  private func withoutKey(_ error: BelayError) -> BelayError {
    guard error.kind == .wrongKey else { return error }
    var error = error
    error.hint = (error.hint.map { $0 + "; " } ?? "") + "--level manifest checks the sums, and needs no key"
    return error
  }

  private func result(_ entry: ArchiveEntry, _ completion: RunResult.Completion, level: VerificationLevel) -> RunResult
  {
    RunResult(
      completion, "archive \(entry.id) is good: level \(level.rawValue)", archive: entry.id,
      output: ["\(entry.id): good, level \(level.rawValue)"])
  }
}
