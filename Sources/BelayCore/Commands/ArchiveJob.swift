import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import Foundation

/// `belay archive ID --to REPOSITORY`: an archive of the store goes to another repository, and is removed here when it is
/// proven to be there.
struct ArchiveJob {
  let context: RunContext
  let request: ArchiveRequest

  private var store: Store { context.store }

  func run() -> RunResult {
    do throws(BelayError) {
      guard !Store.isPath(request.id) else {
        throw BelayError(
          .usage, "\(request.id) is a path, and this is about the archives of the store \(store.root)",
          hint: "type the archive's id; `belay list` shows them", state: "nothing was changed")
      }
      try store.runs.prepare()
      let entry = try store.archive(request.id, acceptingFailed: true)
      let facts = try copied(entry)
      let place = request.repository.name
      guard !request.keeps else {
        return RunResult(
          .done, "\(entry.id) is in \(place) too, and was compared there", archive: entry.id,
          output: ["stored \(entry.id) in \(place)"])
      }
      return try removed(entry, facts, place)
    } catch {
      return RunResult(failure: error)
    }
  }

  /// Open until it is stored: nobody removes it meanwhile.
  private func copied(_ entry: ArchiveEntry) throws(BelayError) -> ArchiveFacts {
    let reader: ArchiveReader
    do throws(BelayError) {
      reader = try Verification(context: context).verifyFile(entry, level: .manifest)
    } catch {
      if context.cancellation.isCancelled { throw context.interruption() }
      throw error
    }
    let facts = store.facts(entry)
    if !request.keeps, let need = try ArchiveNeeds(store.runs).reason(facts.id, ofTarget: facts.identity) {
      throw BelayError(
        .refused, "\(entry.id) cannot be moved: \(need)", hint: "add --keep to copy it", state: "nothing was changed")
    }
    do throws(BelayError) {
      try ArchiveCopies(context: context).store(entry, in: request.repository)
    } catch {
      throw error.with(state: error.state ?? "the archive is in \(store.root), as it was")
    }
    withExtendedLifetime(reader) {}
    return facts
  }

  private func removed(_ entry: ArchiveEntry, _ facts: ArchiveFacts, _ place: String) throws(BelayError) -> RunResult {
    let outcome: Pruning.Outcome
    do throws(BelayError) {
      let pruning = try Pruning(store, .archive)
      let need = { () throws(BelayError) in
        try ArchiveNeeds(store.runs).reason(facts.id, ofTarget: facts.identity)
      }
      do throws(BelayError) {
        outcome = try pruning.remove(facts, reason: "moved to \(place)", now: Date(), unless: need)
      } catch {
        pruning.end()
        throw error
      }
      pruning.end()
    } catch {
      throw error.with(state: "\(entry.id) is in \(place), and was compared there; it is in \(store.root) too")
    }
    if case .left(let reason) = outcome {
      return RunResult(
        .doneWithWarnings, "\(entry.id) is in \(place), and it stays here too: \(reason)", archive: entry.id,
        output: ["stored \(entry.id) in \(place)"])
    }
    return RunResult(
      .done, "moved \(entry.id) to \(place), where it was compared", archive: entry.id,
      output: ["moved \(entry.id) to \(place)"])
  }
}
