import BelayArchive
import BelayBase
import Foundation

/// What retention does with a store at one moment: a decision, with its reasons, for everything in it.
package struct RetentionPlan: Sendable {
  package let decisions: [RetentionDecision]
  /// For another look at an archive right before it is removed.
  let facts: [String: ArchiveFacts]
  let lastGood: [String: [ArchiveRetention.LastGood]]

  package var removed: [RetentionDecision] { decisions.filter(\.isRemoved) }
  package var bytes: UInt64 { Counted.sum(removed.map(\.bytes)) }

  /// Only those of which `isMeant` is true are removed and shown; the others have been taken into account.
  package func only(_ isMeant: (RetentionDecision) -> Bool) -> RetentionPlan {
    RetentionPlan(decisions: decisions.filter(isMeant), facts: facts, lastGood: lastGood)
  }
}

extension Store {
  /// Only about archives, so that the journals of other runs are not read.
  package func archiveDecisions(_ settings: RetentionSettings, now: Date) throws(BelayError) -> [RetentionDecision] {
    try ArchiveRetention(settings, needs: ArchiveNeeds(runs), troubles: runs.troubles(), now: now)
      .decide(archiveFacts())
  }

  /// Reads the store, and changes nothing.
  package func retentionPlan(_ settings: RetentionSettings, now: Date) throws(BelayError) -> RetentionPlan {
    try runs.checkOwnership()
    let facts = try archiveFacts()
    let needs = try ArchiveNeeds(runs)
    let troubles = try runs.troubles()
    let archives = ArchiveRetention(settings, needs: needs, troubles: troubles, now: now).decide(facts)
    let folders = RunRetention(
      policy: settings.runs, failedRunsSeconds: settings.failedRunsSeconds, needs: needs, troubles: troubles, now: now
    ).decide(elsewhere == nil ? try runs.facts(ofRunsBeside: Set(facts.map(\.id))) : [])
    let leftovers = try leftovers(settings, needs: needs, troubles: troubles, now: now)
    return RetentionPlan(
      // A run's journal tells whose the leftovers are: they go first.
      decisions: archives + leftovers + folders,
      facts: Dictionary(facts.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first }),
      lastGood: Dictionary(grouping: facts, by: \.identity).mapValues(ArchiveRetention.lastGood))
  }

  /// Archives that did not pass their verification, and those that were not written to their end.
  private func leftovers(
    _ settings: RetentionSettings, needs: ArchiveNeeds, troubles: [BackupTrouble], now: Date
  ) throws(BelayError) -> [RetentionDecision] {
    let limit = DurationText.text(settings.failedRunsSeconds)
    var found: [RetentionDecision] = []
    for file in try shelf.unfinished() where file.modified != .distantPast {
      guard let id = ArchiveName.idOfUnfinished(file.name) else { continue }
      let record = runs.record(of: id)
      let age = Int(now.timeIntervalSince(file.modified))
      var kept: [String] = []
      if let need = needs.reason(id, ofTarget: record?.identity ?? "") { kept.append(need) }
      if let record, let trouble = troubles.first(where: { $0.isOf(url: record.url, identity: record.identity) }) {
        kept.append(trouble.reason)
      }
      // Elsewhere it may be of another machine.
      if record == nil, elsewhere == nil { kept.append("the run that left it is not known: remove it by hand") }
      if age <= settings.failedRunsSeconds { kept.append("not older than \(limit)") }
      found.append(
        RetentionDecision(
          .leftover, id: file.name, target: record.map { $0.target ?? $0.url } ?? "", url: record?.url ?? "",
          kind: "unfinished", age: age, bytes: file.bytes, isRemoved: kept.isEmpty,
          reasons: kept.isEmpty ? ["of a run that has ended, and older than \(limit)"] : kept))
    }
    return found
  }
}
