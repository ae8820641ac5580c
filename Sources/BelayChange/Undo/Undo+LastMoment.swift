import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import Foundation

/// Where the driver swaps: others may have written until the very moment in which the copy took the target's place. What
/// was there then lies under the scratch's URL, and is saved in an archive before the run ends.
extension Undo {
  /// Looks at each database that was swapped out, saves what no archive of this run holds, and drops those that are not
  /// to be kept for longer. A failure here takes nothing away: that database is kept, and named.
  /// - Returns: where it is, for the state; empty where nobody had written.
  func saveLastMoment() -> String {
    let steps = Journal.readable(run.journal.path)
    let swapped = Set(steps.compactMap(\.swappedName))
    var words = ""
    var kept: [PreviousDatabase] = []
    for previous in PreviousDatabase.kept(in: steps) where swapped.contains(previous.name) {
      do {
        let holder = try saved(previous, steps)
        if holder != reader.manifest.id {
          words += "; what was there until the last moment is in \(holder)"
        }
        if previous.isOver(at: Date()) { try drop(previous) } else { kept.append(previous) }
      } catch {
        context.log(
          .warning,
          "what was in \(target) in the last moment could not be saved in an archive: \(error.message)")
        kept.append(keep(previous))
      }
    }
    guard !kept.isEmpty else { return words }
    run.report.add(.previousDatabases(kept.map(\.line)))
    return words + "; the previous database is kept as \(kept.map(\.line).joined(separator: "; and as "))"
  }

  /// - Returns: the archive that holds all that is in a previous database; this run's backup, if nobody had written.
  private func saved(_ previous: PreviousDatabase, _ steps: [Step]) throws(BelayError) -> String {
    for case .savedPrevious(previous.name, let archive) in steps { return archive }
    let url = try located(previous)
    let connection = try run.access.open(url, scratch: run.scratchFolder, operation: context.unstoppable("opening"))
    defer { connection.close() }
    let state = try StateReader(context: context, what: "reading what was there", stoppable: false).read(connection)
    let archive: String
    if let holder = holder(of: state, in: steps) {
      archive = holder
    } else {
      archive = try SafetyBackup(run: run, label: "before-swap").save(
        connection, at: Backup.Place(url: url, identity: run.identity))
    }
    try run.journal.write(.savedPrevious(name: previous.name, archive: archive))
    return archive
  }

  /// The newest archive of this run that holds a state; nil: none does.
  func holder(of state: DatabaseState, in steps: [Step]) -> String? {
    for case .backedUp(let archive) in steps.reversed() {
      do {
        let recorded =
          archive == reader.manifest.id
          ? try DatabaseState.recorded(in: reader)
          : try DatabaseState.recorded(in: try context.store.archives.resolve(archive).open(with: context.keys))
        if state.differences(from: recorded).allSatisfy(\.isOfLock) { return archive }
      } catch {
        context.log(.debug, "\(archive): \(error.message)")
      }
    }
    return nil
  }

  private func located(_ previous: PreviousDatabase) throws(BelayError) -> String {
    do {
      return try run.connection.locateScratch(name: previous.name, operation: context.unstoppable())
    } catch {
      throw BelayError(error, doing: "cannot find the previous database \(previous.name)", kind: .failed)
    }
  }

  private func drop(_ previous: PreviousDatabase) throws(BelayError) {
    let url = try located(previous)
    do {
      try run.connection.dropScratch(url, operation: context.unstoppable())
    } catch {
      // The next run tries again.
      return context.log(.warning, "the previous database \(previous.url) could not be dropped: \(error.message)")
    }
    try run.journal.write(.droppedScratch(name: previous.name))
  }

  /// It holds what is nowhere else: belay does not drop it.
  private func keep(_ previous: PreviousDatabase) -> PreviousDatabase {
    let record = PreviousDatabase.Record(name: previous.name, url: previous.url, until: PreviousDatabase.forever)
    do { try run.journal.write(record.kept(swapped: true)) } catch { context.log(.warning, error.message) }
    return previous.keptForever
  }
}
