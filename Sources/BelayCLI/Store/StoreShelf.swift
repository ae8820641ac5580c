import BelayArchive
import BelayBase
import BelayCore
import BelayDatabase
import BelayEncryption
import BelayStore
import Foundation
import SystemPackage

/// What the front reads of a store by itself, without a driver.
struct StoreShelf {
  private let store: Store

  init(_ settings: Settings) { store = Store(FilePath(settings.store), elsewhere: settings.repository) }

  /// Of these archives, as a person reads it.
  var location: String { store.shelf.location }

  /// All whole archives, oldest first.
  func archives() throws(BelayError) -> [ArchiveSummary] {
    try store.archivesByAge().map { summary($0) }
  }

  /// The ids alone, oldest first: no archive is opened.
  func archiveIDs() throws(BelayError) -> [String] { try store.archivesByAge().map(\.id) }

  private func summary(_ entry: ArchiveEntry, keys: Keyring? = nil) -> ArchiveSummary {
    var summary = ArchiveSummary(entry, keys: keys)
    let proofs = store.runs.proofs(of: entry.id, manifest: summary.manifestSHA256)
    summary.failedVerification = proofs.failure
    summary.proof = proofs.standing.map { ArchiveSummary.Proof(level: $0.level, at: $0.at) }
    summary.proofs = proofs.proofs.map { ArchiveSummary.Proof(level: $0.level, at: $0.at, failure: $0.failure) }
    summary.pin = store.runs.pin(of: entry.id).map { ArchiveSummary.Pinned(at: $0.at, by: $0.user, reason: $0.reason) }
    summary.copies = store.runs.copies(of: entry.id).map { copy in
      ArchiveSummary.Copy(repository: copy.repository, location: copy.location, at: copy.at)
    }
    return summary
  }

  /// Of which targets a backup or a verification has failed, and none has succeeded since.
  func troubles() throws(BelayError) -> [BackupTrouble] { try store.runs.troubles() }

  /// What `belay prune` would do with the archives at this moment.
  func retention(_ settings: RetentionSettings, now: Date) throws(BelayError) -> [RetentionDecision] {
    try store.archiveDecisions(settings, now: now)
  }

  /// What a person types names a file and no id.
  static func isPath(_ typed: String) -> Bool { Store.isPath(typed) }

  /// `latest:shop` is an archive, though it looks like a URL.
  static func namesByAge(_ typed: String) -> Bool { Store.namesByAge(typed) }

  /// The one that an id means: the id, a unique beginning of it, `latest`, `latest:TARGET`, or `oldest`.
  /// - Parameter keys: open a manifest that is encrypted.
  func archive(_ id: String, keys: Keyring? = nil) throws(BelayError) -> ArchiveSummary {
    let entry = try store.archive(id, acceptingFailed: true)
    var summary = summary(entry)
    if let keys, summary.isSealed == true {
      // That a key cannot be used says nothing of the archive.
      try keys.readIdentities()
      summary = self.summary(entry, keys: keys)
    }
    // What cannot be read is damaged, and the summary says so.
    if let reader = try? entry.open() { summary.strangeness = store.runs.strangeness(of: reader) }
    return summary
  }

  /// - Throws: `.wrongKey` where the keys do not open an archive's manifest.
  func requireFullManifest(ofArchive id: String, keys: Keyring) throws(BelayError) {
    let reader = try store.archive(id, acceptingFailed: true).open(with: keys)
    do throws(ArchiveError) {
      try reader.requireFullManifest()
    } catch {
      throw BelayError(error, kind: .verificationFailed, state: "nothing was changed")
    }
  }

  /// The target that an archive is of.
  func recordedTarget(ofArchive id: String) throws(BelayError) -> RecordedTarget {
    let entry = try store.archive(id, acceptingFailed: true)
    let target = try manifest(of: entry).target
    return RecordedTarget(owner: "archive \(entry.id)", name: target.name, url: target.url, folder: target.folder)
  }

  /// - Throws: that the archive is damaged, or what does not allow it to be read now.
  func requireManifest(ofArchive id: String) throws(BelayError) {
    _ = try manifest(of: try store.archive(id, acceptingFailed: true))
  }

  private func manifest(of entry: ArchiveEntry) throws(BelayError) -> Manifest {
    do throws(BelayError) {
      return try entry.open().manifest
    } catch {
      let isDamaged = error.speaksAgainstArchive
      throw BelayError(
        error.kind, "archive \(entry.id) \(isDamaged ? "is damaged" : "cannot be read")", hint: error.hint,
        state: "nothing was changed", causes: [error.message] + error.causes)
    }
  }

  /// Runs that have begun and not ended.
  func openRuns() throws(BelayError) -> [OpenRunSummary] {
    try store.runs.openRuns().map { run in
      OpenRunSummary(
        id: run.record.id, kind: run.record.kind.rawValue, target: run.record.target ?? run.record.url,
        isAlive: run.isAlive, damage: run.damage?.message)
    }
  }

  /// Databases that restored backups were swapped in for, and that are still there.
  func previousDatabases() throws(BelayError) -> [PreviousDatabaseSummary] {
    try store.runs.previousDatabases().map {
      PreviousDatabaseSummary(
        target: $0.run.target ?? $0.run.url, run: $0.run.id, url: $0.url, until: $0.until, isCopy: $0.isCopy)
    }
  }
}

/// A run that waits for `belay recover`, or is at work now.
package struct OpenRunSummary: Codable, Sendable, Equatable {
  package var event = "open_run"
  package var id: String
  /// "migrate", "rollback", …
  package var kind: String
  /// Without secrets.
  package var target: String
  /// Its process still lives.
  package var isAlive: Bool
  /// Why its journal cannot be read; nil: it can.
  package var damage: String?

  package init(id: String, kind: String, target: String, isAlive: Bool, damage: String? = nil) {
    self.id = id
    self.kind = kind
    self.target = target
    self.isAlive = isAlive
    self.damage = damage
  }
}

/// A previous database, or a copy that a run left behind, as `status` tells of it.
package struct PreviousDatabaseSummary: Codable, Sendable, Equatable {
  package var event = "previous_database"
  /// Whose content it was, without secrets.
  package var target: String
  /// The run that put another content in its place.
  package var run: String
  /// Its URL, without secrets.
  package var url: String
  /// ISO 8601, UTC: not dropped before. Empty for a copy.
  package var until: String
  /// Nothing but a copy, that is dropped as soon as possible.
  package var isCopy: Bool

  package init(target: String, run: String, url: String, until: String, isCopy: Bool) {
    self.target = target
    self.run = run
    self.url = url
    self.until = until
    self.isCopy = isCopy
  }
}
