import ArgumentParser
import BelayArchive
import BelayBase
import BelayStore
import BelayText
import Foundation
import SystemPackage

struct PruneCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "prune",
    abstract: "Remove archives that no rule keeps. Removes nothing without --confirm.",
    discussion: """
      Lists every archive with the reason why it is kept or removed. The rules are those of `retention:` in belay.yaml; the \
      --keep options replace the rule of the kinds named by --kind, of `manual` if there is none. An archive is kept if one \
      rule keeps it. Archives that migrations made are kept for 30 days, and at least the last 3, those of failed and \
      declined runs for 24 hours; the journals and reports of runs go with them.

      Never removed: the newest archive of a target that is proven by restoring, a pinned one, and one that an open run or \
      a kept previous database needs. Nothing of a target is removed after a backup or a verification of it has failed, \
      until one succeeds. Exits with 3 in that case, and if an archive was in use and was left.

      Example:
        belay prune shop --keep-last 3 --keep-daily 7 --keep-weekly 4 --keep-monthly 12
        belay prune --confirm
      """)

  @Argument(help: "Only what is of this target: its name in belay.yaml, or its URL.", completion: .target)
  var target: String?
  @Option(
    name: .long, parsing: .singleValue, help: "Only archives of this kind. Can be repeated.",
    completion: .archiveKind)
  var kind: [String] = []
  @OptionGroup(title: "Rules") var rules: RetentionOptions
  @Flag(name: .long, help: "Remove what is listed as removed.") var confirm = false
  @Flag(
    name: .long,
    help:
      "With --repository: also by the rules for archives that this store has not made, such as those of another machine."
  )
  var trust = false
  @OptionGroup var repository: RepositoryOption
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    for kind in kind { try ArchiveFilter.check(kind: kind) }
    if trust, repository.repository == nil { throw ValidationError("--trust needs --repository") }
  }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let settings = try session.settings(try session.configuration(), repository)
    var retention = settings.retention
    if let own = settings.repository?.retention { retention.archives = own }
    var kinds = Set(kind)
    if let policy = try rules.policy() {
      if kinds.isEmpty { kinds = [ArchiveKind.manual.name] }
      for kind in kinds { retention.archives[kind] = policy }
    }
    let store = Store(FilePath(settings.store), elsewhere: settings.repository, trustsAll: trust)
    let now = Date()
    if confirm {
      // What an earlier call has left is no run's any more.
      let pruning = try Pruning(store, .prune)
      try pruning.finishEarlier()
      let plan = try plan(store, retention, kinds, now)
      let left = try remove(plan, by: pruning, now, session)
      pruning.end()
      return end(plan, left: left, store.shelf.location, session)
    }
    let plan = try plan(store, retention, kinds, now)
    for decision in plan.decisions { show(decision, left: nil, session) }
    return end(plan, left: nil, store.shelf.location, session)
  }

  /// - Parameter kinds: those that are meant; empty: all, and what runs have left.
  private func plan(
    _ store: Store, _ retention: RetentionSettings, _ kinds: Set<String>, _ now: Date
  ) throws(BelayError) -> RetentionPlan {
    let plan = try store.retentionPlan(retention, now: now)
    let target = target.map { redact(url: $0) }
    if let target, !plan.decisions.contains(where: { $0.isOf(target) }) {
      throw BelayError(
        .notFound, "there is nothing of \(target) in \(store.shelf.location)", hint: "`belay list` shows the archives",
        state: "nothing was removed")
    }
    return plan.only { decision in
      (target.map(decision.isOf) ?? true) && (kinds.isEmpty || kinds.contains(decision.kind))
    }
  }

  /// - Returns: how many were left although they were to be removed.
  private func remove(
    _ plan: RetentionPlan, by pruning: borrowing Pruning, _ now: Date, _ session: Session
  ) throws(BelayError) -> Int {
    var left = 0
    for decision in plan.decisions {
      guard decision.isRemoved else {
        show(decision, left: nil, session)
        continue
      }
      switch try pruning.remove(decision, of: plan, now: now) {
      case .removed: show(decision, left: nil, session)
      case .left(let reason):
        left += 1
        show(decision, left: reason, session)
      }
    }
    return left
  }

  private func show(_ decision: RetentionDecision, left: String?, _ session: Session) {
    let record = RetentionRecord(decision, left: left)
    // Of what runs have left, only what is removed is listed.
    let isShown = decision.what == .archive || decision.isRemoved
    session.renderer.show(record, as: isShown ? [record.line] : [])
  }

  /// - Parameter left: nil: nothing was to be removed yet.
  private func end(_ plan: RetentionPlan, left: Int?, _ store: String, _ session: Session) -> ExitStatus {
    let archives = plan.decisions.filter { $0.what == .archive }
    let others = plan.removed.count { $0.what != .archive }
    let what =
      "\(archives.count { $0.isRemoved }) of \(Counted.text(archives.count, "archive"))"
      + (others > 0 ? " and the files of \(Counted.text(others, "run"))" : "") + ", \(ByteCount.text(plan.bytes))"
    var summary: String
    if let left {
      summary = "removed \(what), from \(store)"
      if left > 0 { summary = "\(Counted.text(left, "archive")) could not be removed now; of those planned: \(what)" }
    } else {
      summary =
        plan.removed.isEmpty ? "nothing to remove from \(store)" : "would remove \(what); to do it: add --confirm"
    }
    let isBlocked = plan.decisions.contains(where: \.isBlocked)
    if isBlocked { summary += "; nothing is removed of targets whose last backup or verification failed" }
    return session.end(RunResult(isBlocked || (left ?? 0) > 0 ? .doneWithWarnings : .done, summary))
  }
}

/// A decision as `--json` shows it.
private struct RetentionRecord: Encodable {
  let event = "retention"
  let what: RetentionDecision.What
  let id: String
  let target: String
  let kind: String
  let age: Int?
  let bytes: UInt64
  /// "keep", "remove", or "left": it was to be removed, and could not be.
  let action: String
  let reasons: [String]

  private enum CodingKeys: String, CodingKey { case event, what, id, target, kind, age, bytes, action, reasons }

  init(_ decision: RetentionDecision, left: String?) {
    what = decision.what
    id = decision.id
    target = decision.target
    kind = decision.kind
    age = decision.age
    bytes = decision.bytes
    action = left != nil ? "left" : decision.isRemoved ? "remove" : "keep"
    reasons = left.map { [$0] } ?? decision.reasons
  }

  var line: String {
    let name = what == .run ? "run \(id)" : id
    let about = [target, kind].filter { !$0.isEmpty }.joined(separator: ", ")
    return
      "\(action.padded(to: 6))  \(name)  \(age.map(DurationText.age) ?? "?") old  \(ByteCount.text(bytes))  \(about): "
      + reasons.joined(separator: "; ")
  }
}
