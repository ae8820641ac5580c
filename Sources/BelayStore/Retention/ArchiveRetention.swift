import BelayArchive
import BelayBase
import Foundation

/// Decides which archives are kept. Reads nothing and removes nothing.
package struct ArchiveRetention {
  package var policies: [String: RetentionPolicy]
  package var failedRunsSeconds: Int
  package var needs: ArchiveNeeds
  package var troubles: [BackupTrouble]
  package var now: Date

  package init(
    _ settings: RetentionSettings, needs: ArchiveNeeds = ArchiveNeeds(), troubles: [BackupTrouble] = [], now: Date
  ) {
    policies = settings.archives
    failedRunsSeconds = settings.failedRunsSeconds
    self.needs = needs
    self.troubles = troubles
    self.now = now
  }

  /// - Parameter archives: All of the store, oldest first. Those of one target and kind are judged together, and the
  ///   target's newest proven one is found among all of them.
  /// - Returns: one decision for each, in the same order.
  package func decide(_ archives: [ArchiveFacts]) -> [RetentionDecision] {
    var rules: [String: [String]] = [:]
    let groups = Dictionary(grouping: archives.filter { $0.isCounted }, by: { Group($0) })
    for (group, members) in groups {
      guard let policy = policies[group.kind.name] else { continue }
      let newestFirst = members.reversed()
      let reasons = policy.reasons(newestFirst.compactMap(\.made), now: now)
      for (archive, reasons) in zip(newestFirst, reasons) { rules[archive.id] = reasons }
    }
    let lastGood = Dictionary(grouping: archives, by: \.identity).mapValues(Self.lastGood)
    return archives.map { archive in
      let (isKept, own) = byRules(archive, rules[archive.id] ?? [])
      let protections = protections(archive, lastGood: lastGood[archive.identity] ?? [])
      let isRemoved = !isKept && protections.isEmpty
      var decision = RetentionDecision(
        .archive, id: archive.id, target: archive.target, url: archive.url,
        kind: archive.damage == nil ? archive.kind.name : "unknown",
        age: archive.made.map { Int(now.timeIntervalSince($0)) }, bytes: archive.bytes, isRemoved: isRemoved,
        reasons: isRemoved || isKept ? own + protections : protections)
      decision.isBlocked = trouble(of: archive) != nil
      return decision
    }
  }

  /// Why an archive must not be removed, whatever the rules say.
  /// - Parameter lastGood: of the archive's target.
  private func protections(_ archive: ArchiveFacts, lastGood: [LastGood]) -> [String] {
    var reasons: [String] = []
    if let pin = archive.pin { reasons.append(pin.text) }
    reasons += lastGood.filter { $0.id == archive.id }.map(\.reason)
    if let need = needs.reason(archive.id, ofTarget: archive.identity) { reasons.append(need) }
    if let trouble = trouble(of: archive) { reasons.append(trouble.reason) }
    return reasons
  }

  private func trouble(of archive: ArchiveFacts) -> BackupTrouble? {
    troubles.first { $0.isOf(url: archive.url, identity: archive.identity) }
  }

  /// - Returns: whether it is kept, and what to say of it.
  private func byRules(_ archive: ArchiveFacts, _ reasons: [String]) -> (isKept: Bool, reasons: [String]) {
    if let damage = archive.damage { return (true, ["it cannot be read: \(damage); `belay forget` removes it"]) }
    if let strangeness = archive.strangeness {
      return (true, ["not made by this store: \(strangeness); `belay forget` removes it"])
    }
    if archive.isOfFailedRun, let made = archive.made {
      let hours = DurationText.text(failedRunsSeconds)
      return now.timeIntervalSince(made) > Double(failedRunsSeconds)
        ? (false, ["of a run that failed or was declined, and older than \(hours)"])
        : (true, ["of a run that failed or was declined, and not older than \(hours)"])
    }
    if let failure = archive.proofs.failure {
      return (true, ["it has failed its verification: \(failure); `belay forget` removes it"])
    }
    guard let policy = policies[archive.kind.name] else {
      return (true, ["there is no retention for \(archive.kind) archives"])
    }
    return reasons.isEmpty ? (false, ["no rule keeps it: \(policy.text)"]) : (true, reasons)
  }

  // MARK: The last good one

  /// A target's newest archive that is proven, at the highest level that any of its archives was proven at. Where that one
  /// holds a part of the database, there is a second one, of those that hold all of it: only to that the whole can be put
  /// back.
  package struct LastGood: Sendable, Equatable {
    package let id: String
    package let level: VerificationLevel?
    /// It is the newest one of the whole database, and there are others of a part.
    package var isWholeAmongParts = false

    package var reason: String {
      let one =
        isWholeAmongParts ? "the newest one of the whole database of its target" : "the newest one of its target"
      return switch level {
      case .restore: "\(one) that is proven by restoring"
      case let level?: "\(one) that is proven, at level \(level.rawValue): none is by restoring"
      case nil: "\(one): none is proven"
      }
    }

    /// The same archive, and as good.
    func isStill(_ facts: ArchiveFacts) -> Bool {
      ArchiveRetention.lastGood([facts]).contains { $0.id == id && $0.level == level }
    }
  }

  /// - Parameter archives: of one target, oldest first.
  package static func lastGood(_ archives: [ArchiveFacts]) -> [LastGood] {
    let good = archives.filter(\.isGoodBackup)
    guard let newest = newest(of: good) else { return [] }
    guard good.contains(where: { $0.id == newest.id && !$0.isWhole }),
      var whole = Self.newest(of: good.filter(\.isWhole))
    else { return [newest] }
    whole.isWholeAmongParts = true
    return [newest, whole]
  }

  private static func newest(of good: [ArchiveFacts]) -> LastGood? {
    guard let level = good.compactMap({ $0.proofs.standing?.level }).max() else {
      return good.last.map { LastGood(id: $0.id, level: nil) }
    }
    return good.last { $0.proofs.standing?.level == level }.map { LastGood(id: $0.id, level: level) }
  }

  private struct Group: Hashable {
    let identity: String
    let kind: ArchiveKind
    /// One of a part that somebody wanted once takes no other's place.
    let isOfAllThatIsKept: Bool

    init(_ archive: ArchiveFacts) {
      identity = archive.identity
      kind = archive.kind
      isOfAllThatIsKept = archive.isOfAllThatIsKept
    }
  }
}

extension ArchiveFacts {
  /// The rules look at it. One that is bad, a stranger's or of a run that failed takes no other's place.
  fileprivate var isCounted: Bool {
    damage == nil && made != nil && strangeness == nil && proofs.failure == nil && !isOfFailedRun
  }
}
