import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// Where the driver swaps: what is in the target, and what was.
extension Undo {
  /// For a run that was cut off after its copy was swapped in: restoring once more would lose what was written since. nil:
  /// it was not, or the proof fails.
  package func proveSwap() -> String? {
    let steps = Journal.readable(run.journal.path)
    guard let last = steps.lastIndex(where: \.isRollingBack), case .rollingBack(.scratch, _) = steps[last],
      steps[last...].contains(where: { $0.swappedName != nil })
    else { return nil }
    do {
      try run.journal.write(.rolledBack(method: .scratch))
      return try provenBackup(by: .scratch)
    } catch {
      context.log(.warning, "the copy that was swapped in is not proven: \(error.message)")
      return nil
    }
  }

  /// What is kept of the time before a swap.
  package func previous() -> String {
    let steps = Journal.readable(run.journal.path)
    let swapped = steps.compactMap(\.swappedName)
    let kept = PreviousDatabase.kept(in: steps).filter { swapped.contains($0.name) }
    guard !kept.isEmpty else { return "" }
    run.report.add(.previousDatabases(kept.map(\.line)))
    return "; what others wrote in the last moment is in the previous database, kept as "
      + kept.map(\.line).joined(separator: "; and as ")
  }
}

extension Step {
  fileprivate var isRollingBack: Bool { if case .rollingBack = self { true } else { false } }

  /// The scratch that surely was swapped in.
  fileprivate var swappedName: String? {
    if case .keptPrevious(let name, _, _, swapped: true) = self { name } else { nil }
  }
}
