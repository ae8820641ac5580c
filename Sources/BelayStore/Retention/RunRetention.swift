import BelayBase
import Foundation

/// Decides about the folders of runs that have no archive in the store. A run's folder stays as long as its archive.
struct RunRetention {
  /// What retention decides about one run's folder by.
  struct Facts: Sendable {
    var id: String
    /// By its name.
    var made: Date?
    /// nil: its journal never began.
    var record: RunRecord?
    var ending: RunEnding?
    var bytes: UInt64 = 0
  }

  /// nil: those that did what they were asked for are kept.
  var policy: RetentionPolicy?
  var failedRunsSeconds: Int
  var needs: ArchiveNeeds
  var troubles: [BackupTrouble]
  var now: Date

  /// - Parameter runs: that have ended, or never begun; oldest first.
  func decide(_ runs: [Facts]) -> [RetentionDecision] {
    var rules: [String: [String]] = [:]
    for members in Dictionary(grouping: runs.filter(\.isCounted), by: { Group($0) }).values {
      let newestFirst = Array(members.reversed())
      let reasons = policy?.reasons(newestFirst.compactMap(\.made), now: now)
      for (index, run) in newestFirst.enumerated() {
        rules[run.id] = reasons?[index] ?? ["there is no retention for runs"]
      }
    }
    return runs.map { run in
      let reasons = reasons(run, rules[run.id] ?? [])
      return RetentionDecision(
        .run, id: run.id, target: run.record.map { $0.target ?? $0.url } ?? "", url: run.record?.url ?? "",
        kind: run.record?.kind.rawValue ?? "unknown", age: run.made.map { Int(now.timeIntervalSince($0)) },
        bytes: run.bytes, isRemoved: reasons.kept.isEmpty, reasons: reasons.kept.isEmpty ? reasons.gone : reasons.kept)
    }
  }

  private func reasons(_ run: Facts, _ rules: [String]) -> (kept: [String], gone: [String]) {
    guard let made = run.made else { return (["its name tells no moment"], []) }
    if let need = needs.reason(run.id, ofTarget: run.record?.identity ?? "") { return ([need], []) }
    if let record = run.record,
      let trouble = troubles.first(where: { $0.isOf(url: record.url, identity: record.identity) })
    {
      return ([trouble.reason], [])
    }
    guard run.isCounted else {
      let limit = DurationText.text(failedRunsSeconds)
      return now.timeIntervalSince(made) > Double(failedRunsSeconds)
        ? ([], ["a run that failed or was declined, and older than \(limit)"])
        : (["a run that failed or was declined, and not older than \(limit)"], [])
    }
    return (rules, ["no rule keeps it: \(policy?.text ?? "")"])
  }

  private struct Group: Hashable {
    let identity: String?
    let kind: RunRecord.Kind?

    init(_ run: Facts) {
      identity = run.record?.identity
      kind = run.record?.kind
    }
  }
}

extension RunRetention.Facts {
  /// It did what it was asked for. One that never began did nothing.
  fileprivate var isCounted: Bool { made != nil && ending.map { !$0.leftNothing } ?? false }
}

extension RunState {
  /// Of the runs that are not open and have no archive of their own, oldest first. Reads their journals.
  func facts(ofRunsBeside archives: Set<String>) throws(BelayError) -> [RunRetention.Facts] {
    let open = Set(try entries(.open, of: nil).map(\.run)).union(try entries(.kept, of: nil).map(\.run))
    var found: [RunRetention.Facts] = []
    for id in try FolderListing.names(runsFolder).sorted()
    where !archives.contains(id) && !open.contains(id) && StoreName.isName(id) {
      let journal = contents(of: id)
      // What is not understood is left for a person to look at.
      guard journal.damage == nil, journal.isEmpty || journal.isEnded else { continue }
      found.append(
        RunRetention.Facts(
          id: id, made: RunID(id).moment, record: journal.record, ending: ending(of: id),
          bytes: FolderListing.bytes(folder(of: id))))
    }
    return found
  }
}
