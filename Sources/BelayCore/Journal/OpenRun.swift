import Foundation
import SystemPackage

/// A run whose journal has no end.
package struct OpenRun: Sendable, Equatable {
  package let record: RunRecord
  package let steps: [Step]
  /// Its process still lives and holds the target.
  package let isAlive: Bool
}

extension Store {
  /// Every run that has not ended, oldest first.
  package func openRuns() throws(BelayError) -> [OpenRun] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: runsFolder.string)) ?? []
    var open: [OpenRun] = []
    for name in names.sorted() {
      if let run = try openRun(name) { open.append(run) }
    }
    return open
  }

  /// How a run ended; nil: no such run, or one that has not.
  package func ending(of id: String) throws(BelayError) -> (status: ExitStatus, summary: String)? {
    let path = runFolder(id).appending(Journal.fileName)
    guard access(path.string, F_OK) == 0, case .ended(let status, let summary)? = try Journal.read(path).last
    else { return nil }
    return (status, summary)
  }

  /// nil: no such run, or one that has ended, or one that was killed before its first step.
  package func openRun(_ id: String) throws(BelayError) -> OpenRun? {
    let path = runFolder(id).appending(Journal.fileName)
    guard access(path.string, F_OK) == 0 else { return nil }
    let steps = try Journal.read(path)
    guard case .began(let record)? = steps.first else { return nil }
    if case .ended? = steps.last { return nil }
    return OpenRun(record: record, steps: steps, isAlive: TargetLock.isHeld(store: self, identity: record.identity))
  }
}
