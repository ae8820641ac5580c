import BelayBase

/// Which archives must stay, whatever anybody says: open runs and kept previous databases need them.
package struct ArchiveNeeds: Sendable {
  /// By the archive's id: what needs it.
  private var archives: [String: String] = [:]
  /// By the target's identity: a run on it whose journal cannot be read to its end may need any archive of it.
  private var targets: [String: String] = [:]
  private var all: String?

  package init() {}

  package init(_ runs: RunState) throws(BelayError) {
    for open in try runs.openRuns() {
      let what = "run \(open.record.id), which has not ended, needs it"
      archives[open.record.id] = what
      for archive in open.steps.flatMap(\.archives) { archives[archive] = what }
      guard open.damage != nil else { continue }
      let unknown = "the journal of run \(open.record.id), which may need it, is damaged"
      if open.record.identity.isEmpty { all = unknown } else { targets[open.record.identity] = unknown }
    }
    for previous in try runs.previousDatabases() {
      let what = "the previous database \(previous.url) is still kept, and its run needs it"
      archives[previous.run.id] = what
      for archive in runs.steps(of: previous.run.id).flatMap(\.archives) { archives[archive] = what }
    }
  }

  /// nil: nothing does.
  package func reason(_ archive: String, ofTarget identity: String) -> String? {
    archives[archive] ?? targets[identity] ?? all
  }

  package mutating func need(_ archive: String, _ reason: String) { archives[archive] = reason }
}

extension Step {
  /// The archives that it names.
  fileprivate var archives: [String] {
    switch self {
    case .backingUp(let archive), .backedUp(let archive), .verified(let archive, _), .rollingBack(_, let archive),
      .savedPrevious(_, let archive), .restoring(let archive, _, _):
      [archive]
    default: []
    }
  }
}
