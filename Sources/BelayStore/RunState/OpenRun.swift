import BelayBase
import Foundation
import SystemPackage

/// A run whose journal has no end.
package struct OpenRun: Sendable, Equatable {
  package let record: RunRecord
  package let steps: [Step]
  /// Its process still lives and holds the target.
  package let isAlive: Bool
  /// Why its journal cannot be read to its end; `steps` are those that can be. Nobody recovers such a run but a person.
  package var damage: BelayError?
}

extension RunState {
  /// The runs that have not ended, oldest first.
  /// - Parameter identity: only those of this target.
  package func openRuns(of identity: String? = nil) throws(BelayError) -> [OpenRun] {
    var open: [OpenRun] = []
    for entry in try entries(.open, of: identity) {
      let journal = contents(of: entry.run)
      if journal.isEnded {
        // Its process was killed between its last line and removing the entry.
        index.remove(.open, entry)
      } else if let run = openRun(entry.run, journal, indexed: { index.record(.open, entry) }) {
        open.append(run)
      }
    }
    return open
  }

  /// nil: no such run, or one that has ended, or one that was killed before its first step.
  package func openRun(_ id: String) throws(BelayError) -> OpenRun? {
    guard StoreName.isName(id) else { return nil }
    let entry = try entries(.open, of: nil).first { $0.run == id }
    return openRun(id, contents(of: id), indexed: { entry.flatMap { index.record(.open, $0) } })
  }

  /// What a run is, whether it has ended or not; nil: no such run, or nothing in its journal is believed.
  package func record(of id: String) -> RunRecord? {
    StoreName.isName(id) ? contents(of: id).record : nil
  }

  /// The steps of its journal that can be read, whether it has ended or not.
  func steps(of id: String) -> [Step] { StoreName.isName(id) ? contents(of: id).steps : [] }

  /// How a run ended; nil: no such run, or one that has not.
  package func ending(of id: String) -> RunEnding? {
    guard StoreName.isName(id) else { return nil }
    for step in contents(of: id).steps {
      if case .ended(let status, let summary, let failure) = step {
        return RunEnding(status: status, summary: summary, failure: failure)
      }
    }
    return nil
  }

  /// - Parameter indexed: its record where the journal's first line is damaged.
  func openRun(_ id: String, _ journal: Journal.Contents, indexed: () -> RunRecord?) -> OpenRun? {
    guard !journal.isEnded else { return nil }
    // Without damage it was killed before its first line.
    guard
      let record = journal.record
        ?? (journal.damage.flatMap { indexed() ?? recordOfArchive(id) ?? ($0.kind == .refused ? .untrusted(id) : nil) })
    else { return nil }
    return OpenRun(
      record: record, steps: journal.steps, isAlive: TargetLock.isHeld(runs: self, identity: record.identity),
      damage: journal.damage)
  }
}
