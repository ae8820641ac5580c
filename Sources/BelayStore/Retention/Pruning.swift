import BelayArchive
import BelayBase
import Foundation
import SystemPackage

/// Removes what is to be removed, one thing after the other: first the line of the audit log, then the file. A process that
/// is killed leaves an archive whole, or gone with nothing but small files of it left, which the next call removes.
///
/// One at a time in a store. A run may be at work meanwhile: an archive that is read is left alone, and what has come to need
/// an archive since the plan was made is looked at again, while nobody can begin to read it.
package struct Pruning: ~Copyable {
  /// What became of one thing.
  package enum Outcome: Sendable, Equatable {
    case removed
    /// Why it was left, although it was to be removed.
    case left(String)
  }

  /// What the line of the audit log says it is.
  package enum Action: String, Sendable { case prune, forget, archive }

  private let store: Store
  private let action: Action
  private let lock: TargetLock
  private let fault = Fault.fromEnvironment()

  /// - Throws: `.locked` where another one is at work.
  package init(_ store: Store, _ action: Action) throws(BelayError) {
    self.store = store
    self.action = action
    try store.runs.prepare()
    do throws(BelayError) {
      lock = try TargetLock(
        runs: store.runs, identity: "belay prune", holder: "belay \(action.rawValue), process \(getpid())")
    } catch {
      guard error.kind == .locked else { throw error }
      throw BelayError(
        .locked, "another process is removing archives from \(store.root), or by its settings",
        hint: "wait until it has ended",
        state: "nothing was removed", causes: error.causes)
    }
  }

  package consuming func end() { lock.release() }

  /// Removes what a call that was killed has left: it wrote its line before.
  package func finishEarlier() throws(BelayError) {
    guard store.elsewhere == nil else { return }
    try store.runs.removeRenamedFolders()
    let names = Set(try store.archives.names())
    try store.runs.forgetGoodProofs { id in
      store.runs.copies(of: id).isEmpty && !names.contains(ArchiveName.of(id))
        && !names.contains(ArchiveName.of(id) + ArchiveName.unverified)
    }
  }

  package func remove(
    _ decision: RetentionDecision, of plan: RetentionPlan, now: Date
  ) throws(BelayError) -> Outcome {
    let reason = decision.reasons.joined(separator: "; ")
    if decision.what == .archive {
      guard let facts = plan.facts[decision.id] else { return .left("it is not known any more") }
      let lastGood = plan.lastGood[facts.identity] ?? []
      return try remove(facts, reason: reason, now: now) { () throws(BelayError) in
        try store.protection(of: facts, lastGood: lastGood)
      }
    }
    return try recordingFailure(decision.url, decision.id, now) { () throws(BelayError) in
      if decision.what == .run {
        try note(decision.url, decision.id, "the files of the run", reason, now)
        try store.runs.removeFolder(of: decision.id)
      } else {
        try note(decision.url, decision.id, "the unfinished archive", reason, now)
        try delete(decision.id)
      }
      return .removed
    }
  }

  /// - Parameter protection: Asked while nobody can begin to read the archive: why it is to stay; nil: it may go.
  package func remove(
    _ facts: ArchiveFacts, reason: String, now: Date, unless protection: () throws(BelayError) -> String?
  ) throws(BelayError) -> Outcome {
    try recordingFailure(facts.url, facts.id, now) { () throws(BelayError) in
      try removeNow(facts, reason: reason, now: now, unless: protection)
    }
  }

  private func removeNow(
    _ facts: ArchiveFacts, reason: String, now: Date, unless protection: () throws(BelayError) -> String?
  ) throws(BelayError) -> Outcome {
    let name = ArchiveName.of(facts.id)
    // Held until the file is gone.
    guard let lock = try lock(name) else { return .left("it is being read now") }
    defer { withExtendedLifetime(lock) {} }
    if let reason = try protection() { return .left(reason) }
    fault?.strike(at: 0, .before)
    try note(facts.url, facts.id, "the archive", reason, now)
    fault?.strike(at: 0, .after)
    try delete(name)
    fault?.strike(at: 1, .after)
    if action == .archive { return .removed }
    if let elsewhere = store.elsewhere {
      try store.runs.forgetCopy(of: facts.id, in: elsewhere)
      try store.runs.forgetProofs(of: facts.id)
      return .removed
    }
    // What is known of an archive is known of its copies too.
    if store.runs.copies(of: facts.id).isEmpty {
      try store.runs.forgetProofs(of: facts.id)
      try store.runs.unpin(facts.id)
    }
    fault?.strike(at: 2, .after)
    // An open run's archive is protected, so that this one has ended.
    try store.runs.removeFolder(of: facts.id)
    return .removed
  }

  private func lock(_ name: String) throws(BelayError) -> RemovalLock? {
    do throws(ArchiveError) {
      return try store.shelf.lockForRemoval(name)
    } catch {
      throw BelayError(error, kind: .failed, state: "\(name) was not removed")
    }
  }

  private func delete(_ name: String) throws(BelayError) {
    do throws(ArchiveError) {
      try store.shelf.delete(name)
    } catch {
      throw BelayError(error, kind: .failed, state: "\(name) may still be there")
    }
  }

  private func note(_ url: String, _ id: String, _ what: String, _ reason: String, _ now: Date) throws(BelayError) {
    do {
      try append(url, id, .done, "removes \(what) \(id): \(reason)", now)
    } catch {
      throw BelayError(.failed, "cannot write the audit log", state: "\(id) was not removed", causes: ["\(error)"])
    }
  }

  /// The line before the act has said that something is removed; one more says that it was not.
  private func recordingFailure(
    _ url: String, _ id: String, _ now: Date, _ body: () throws(BelayError) -> Outcome
  ) throws(BelayError) -> Outcome {
    do throws(BelayError) {
      return try body()
    } catch {
      var failure = error
      do {
        let cause = failure.causes.first.map { ": \($0)" } ?? ""
        try append(url, id, ExitStatus(failure.kind), "has not removed \(id): \(failure.message)\(cause)", now)
      } catch {
        failure.causes.append("the audit log cannot be written: \(error)")
      }
      throw failure
    }
  }

  private func append(_ url: String, _ id: String, _ status: ExitStatus, _ summary: String, _ now: Date) throws {
    try AuditLog(runs: store.runs).append(
      action: action.rawValue, target: url, run: id, status: status, summary: summary, now: now)
  }
}

extension Store {
  /// Why an archive is to stay although it was to be removed: a pin, a run that has come to need it, a backup that has
  /// failed, a last good archive that is good no longer. nil: it may go.
  func protection(of facts: ArchiveFacts, lastGood: [ArchiveRetention.LastGood]) throws(BelayError) -> String? {
    if let pin = runs.pin(of: facts.id) { return pin.text }
    if let need = try ArchiveNeeds(runs).reason(facts.id, ofTarget: facts.identity) { return need }
    if let trouble = try runs.troubles().first(where: { $0.isOf(url: facts.url, identity: facts.identity) }) {
      return trouble.what
    }
    guard facts.isGoodBackup else { return nil }
    for last in lastGood {
      let isStillGood = try shelf.entry(last.id).map { last.isStill(self.facts($0)) } ?? false
      if !isStillGood { return "\(last.id), the last good archive of its target, is gone or good no longer" }
    }
    return nil
  }
}
