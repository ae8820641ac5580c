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
}

extension Step {
  fileprivate var isRollingBack: Bool { if case .rollingBack = self { true } else { false } }

  /// The scratch that surely was swapped in.
  var swappedName: String? {
    if case .keptPrevious(let name, _, _, swapped: true) = self { name } else { nil }
  }
}
