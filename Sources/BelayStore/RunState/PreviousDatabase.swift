import BelayBase
import Foundation

/// A database that a restored copy has replaced: it lies under the scratch's URL, with the rows that others wrote in the
/// last moment, until its time is over. Or a copy that a run could not drop before it ended.
package struct PreviousDatabase: Sendable, Equatable {
  /// The run that swapped.
  package let run: RunRecord
  /// The scratch's name, by which the driver finds it.
  package let name: String
  /// Its URL, without secrets.
  package let url: String
  /// ISO 8601; it is not dropped before. Empty for a copy; `forever` where it is never dropped by belay.
  package let until: String
  /// Nothing but a copy: to be dropped as soon as possible.
  package var isCopy = false

  package static let forever = "forever"

  /// A moment that cannot be read is not over.
  package func isOver(at now: Date) -> Bool {
    if isCopy { return true }
    guard let end = Moment.parse(until) else { return false }
    return end <= now
  }

  /// The same, not to be dropped by belay.
  package var keptForever: PreviousDatabase { PreviousDatabase(run: run, name: name, url: url, until: Self.forever) }

  /// "postgres://…/name, until 2026-11-21T14:30:22Z"
  package var line: String {
    if isCopy { return url }
    return until == Self.forever ? "\(url), until you drop it" : "\(url), until \(until)"
  }
  /// "previous database"
  package var kind: String { isCopy ? "temporary copy" : "previous database" }
}

extension PreviousDatabase {
  /// What one run's journal says is kept, or may be: a scratch that was about to be swapped in, or that was left behind at
  /// the run's end, and was not dropped.
  package static func kept(in steps: [Step]) -> [PreviousDatabase] {
    guard case .began(let record)? = steps.first else { return [] }
    return kept(in: steps, of: record)
  }

  /// - Parameter record: the run's, where the first line may be damaged.
  static func kept(in steps: [Step], of record: RunRecord) -> [PreviousDatabase] {
    let kept = scratches(in: steps, of: record)
    // Those of a run that is open are its own to drop, or its recovery's.
    return steps.contains(where: \.isEnd) ? kept : kept.filter { !$0.isCopy }
  }

  private static func scratches(in steps: [Step], of record: RunRecord) -> [PreviousDatabase] {
    var kept: [PreviousDatabase] = []
    for step in steps {
      switch step {
      case .keepingPrevious(let name, let url, let until), .keptPrevious(let name, let url, let until, _):
        kept.removeAll { $0.name == name }
        kept.append(PreviousDatabase(run: record, name: name, url: url, until: until))
      case .creatingScratch(let name, let url):
        kept.removeAll { $0.name == name }
        kept.append(PreviousDatabase(run: record, name: name, url: url, until: "", isCopy: true))
      case .droppedScratch(let name): kept.removeAll { $0.name == name }
      default: break
      }
    }
    return kept
  }
}

extension PreviousDatabase {
  /// Copies that a run has made and not dropped.
  package static func copies(in steps: [Step]) -> [PreviousDatabase] {
    guard case .began(let record)? = steps.first else { return [] }
    return scratches(in: steps, of: record).filter(\.isCopy)
  }
}

extension RunState {
  /// All that are kept, oldest first. What a damaged journal tells before the damage counts too.
  /// - Parameter identity: only those of this target.
  package func previousDatabases(of identity: String? = nil) throws(BelayError) -> [PreviousDatabase] {
    var kept: [String: [PreviousDatabase]] = [:]
    for kind in RunIndex.Kind.allCases {
      for entry in try entries(kind, of: identity) where kept[entry.run] == nil {
        let journal = contents(of: entry.run)
        guard let record = journal.record ?? index.record(kind, entry) else { continue }
        kept[entry.run] = PreviousDatabase.kept(in: journal.steps, of: record)
        // A run that has ended leaves nothing more behind.
        if kind == .kept, journal.isEnded, kept[entry.run]?.isEmpty == true { index.remove(.kept, entry) }
      }
    }
    return kept.sorted { $0.key < $1.key }.flatMap(\.value)
  }

  /// Says in its run's journal that one was dropped, also after the run's end: the journal tells what became of everything
  /// that it made. Under the target's lock.
  package func noteDropped(_ previous: PreviousDatabase) throws(BelayError) {
    let journal = try Journal(folder: folder(of: previous.run.id))
    try journal.write(.droppedScratch(name: previous.name))
    let contents = Journal.contents(journal.path)
    if contents.isEnded, PreviousDatabase.kept(in: contents.steps, of: previous.run).isEmpty {
      index.remove(.kept, RunIndex.Entry(run: previous.run.id, identity: previous.run.identity))
    }
  }
}
