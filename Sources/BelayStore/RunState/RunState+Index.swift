import BelayBase
import Foundation
import SystemPackage

/// The steps of a run's life that the index takes part in, each in the order in which a crash loses nothing.
extension RunState {
  /// Begins a run's journal. The index names the run before its journal does: a journal that nobody looks for would leave
  /// its target in between for ever.
  package func begin(_ record: RunRecord) throws(BelayError) -> Journal {
    do throws(BelayError) {
      try index.add(.open, record)
      let journal = try Journal(folder: folder(of: record.id))
      try journal.write(.began(record))
      return journal
    } catch {
      // Nothing was done yet.
      let path = journal(of: record.id)
      if Journal.contents(path).isEmpty { unlink(path.string) }
      index.remove(.open, RunIndex.Entry(run: record.id, identity: record.identity))
      throw error
    }
  }

  /// Goes on with the journal that a dead run left. Under the target's lock.
  package func resume(_ record: RunRecord) throws(BelayError) -> Journal {
    // A run's folder that a person has put back has none.
    try index.add(.open, record)
    return try Journal(folder: folder(of: record.id))
  }

  /// Ends a run's journal. Where it leaves databases behind, the index says so first; that the run is open is taken out of
  /// it only when the end is on the disk.
  package func end(
    _ record: RunRecord, _ journal: Journal, as ending: RunEnding
  ) throws(BelayError) {
    let end = Step.ended(status: ending.status, summary: ending.summary, failure: ending.failure)
    let steps = Journal.readable(journal.path) + [end]
    if !PreviousDatabase.kept(in: steps, of: record).isEmpty { try index.add(.kept, record) }
    try journal.write(end)
    index.remove(.open, RunIndex.Entry(run: record.id, identity: record.identity))
  }

  /// Removes the entries of runs that were killed before their first line. Under the target's lock: without it, it could be
  /// a run that is just about to begin.
  package func forgetUnbegun(of identity: String) throws(BelayError) {
    for entry in try entries(.open, of: identity) where contents(of: entry.run).isEmpty {
      index.remove(.open, entry)
    }
  }

  /// What the index has, or, where it is not complete, what the journals tell: they are all read then, once. A store that
  /// cannot be written to is read so each time.
  func entries(_ kind: RunIndex.Kind, of identity: String?) throws(BelayError) -> [RunIndex.Entry] {
    var entries: [RunIndex.Entry]
    if index.isComplete {
      entries = try index.entries(kind)
    } else {
      let found = try indexedByJournals()
      do throws(BelayError) {
        // Without a folder of runs there is no store here yet, and looking must not make one.
        if access(runsFolder.string, F_OK) == 0 { try index.complete(with: found) }
        entries = try index.entries(kind)
      } catch {
        entries = found.filter { $0.0 == kind }.map { RunIndex.Entry(run: $0.1.id, identity: $0.1.identity) }
      }
    }
    guard let identity else { return entries }
    return entries.filter { $0.isOf(identity) }
  }

  /// What the index must name, by the journals of all runs, and by what it holds already.
  func indexedByJournals() throws(BelayError) -> [(RunIndex.Kind, RunRecord)] {
    let indexed = Dictionary(
      try index.entries(.open).map { ($0.run, $0) }, uniquingKeysWith: { first, _ in first })
    var found: [(RunIndex.Kind, RunRecord)] = []
    for id in try FolderListing.names(runsFolder).sorted() {
      let journal = contents(of: id)
      let open = openRun(id, journal) { indexed[id].flatMap { index.record(.open, $0) } }
      if let open { found.append((.open, open.record)) }
      if let record = journal.record, !PreviousDatabase.kept(in: journal.steps, of: record).isEmpty {
        found.append((.kept, record))
      }
    }
    return found
  }
}
