import BelayArchive
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

extension Store {
  /// The runs that there are folders of, oldest first.
  package func runNames() -> [String] {
    // A store without runs has no folder of them.
    ((try? FileManager.default.contentsOfDirectory(atPath: runsFolder.string)) ?? []).sorted()
  }

  /// Every run that has not ended, oldest first.
  package func openRuns() throws(BelayError) -> [OpenRun] {
    var open: [OpenRun] = []
    for name in runNames() {
      if let run = try openRun(name) { open.append(run) }
    }
    return open
  }

  /// How a run ended; nil: no such run, or one that has not.
  package func ending(of id: String) throws(BelayError) -> RunEnding? {
    for step in Journal.readable(runFolder(id).appending(Journal.fileName)) {
      if case .ended(let status, let summary, let failure) = step {
        return RunEnding(status: status, summary: summary, failure: failure)
      }
    }
    return nil
  }

  /// nil: no such run, or one that has ended, or one that was killed before its first step.
  package func openRun(_ id: String) throws(BelayError) -> OpenRun? {
    let path = runFolder(id).appending(Journal.fileName)
    guard access(path.string, F_OK) == 0 else { return nil }
    let steps = Journal.readable(path)
    if steps.contains(where: \.isEnd) { return nil }
    var damage: BelayError?
    do { _ = try Journal.read(path) } catch { damage = error }
    guard let record = steps.record ?? (damage == nil ? nil : record(ofArchive: id)) else { return nil }
    return OpenRun(
      record: record, steps: steps, isAlive: TargetLock.isHeld(store: self, identity: record.identity), damage: damage)
  }

  /// Of a run whose first line is damaged: its target stands in the archive of its name. Without one nothing was done to
  /// any database: the archive comes first.
  private func record(ofArchive id: String) -> RunRecord? {
    guard let manifest = try? ArchiveReader(archivePath(id)).manifest else { return nil }  // none, most likely
    let target = manifest.target
    return RunRecord(
      id: id, kind: .migrate, target: target.name, url: target.url, folder: target.folder ?? "/",
      identity: target.identity, driver: target.driver, processID: 0)
  }
}

extension Step {
  package var isEnd: Bool { if case .ended = self { true } else { false } }
}

extension [Step] {
  fileprivate var record: RunRecord? { if case .began(let record)? = first { record } else { nil } }
}
