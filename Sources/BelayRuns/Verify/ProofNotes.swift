import BelayArchive
import BelayBase
import BelayDatabase
import BelayStore
import Foundation

/// What the store remembers of proofs and of backups that failed. Where it cannot be written down, that is a warning: what
/// was proven is proven all the same.
package struct ProofNotes {
  private let context: RunContext
  private var runs: RunState { context.store.runs }

  package init(context: RunContext) { self.context = context }

  /// An archive of this store has been proven.
  package func noteGood(_ archive: String, level: VerificationLevel, _ seconds: ProofSeconds = ProofSeconds()) {
    note(archive, level: level, failure: nil, seconds)
  }

  /// A proof has ended with an error. Nothing is noted where that says nothing against the archive.
  package func noteFailed(_ archive: String, level: VerificationLevel, _ error: BelayError) {
    guard error.speaksAgainstArchive else { return }
    note(archive, level: level, failure: error.message)
  }

  /// A backup of a target has failed, whatever the reason: retention removes nothing of it until one succeeds.
  package func noteFailedBackup(url: String, identity: String?, _ what: String) {
    warning { () throws(BelayError) in
      try runs.note(BackupTrouble(url: url, identity: identity, at: Moment.iso(Date()), what: what))
    }
  }

  private func note(
    _ archive: String, level: VerificationLevel, failure: String?, _ seconds: ProofSeconds = ProofSeconds()
  ) {
    warning { () throws(BelayError) in
      let reader = try? context.store.shelf.entry(archive)?.open()  // damaged, and that is what is noted
      var proof = ArchiveProof(
        level: level, at: Moment.iso(Date()), manifest: reader?.manifestSHA256, failure: failure)
      (proof.backupSeconds, proof.restoreSeconds) = (seconds.backup, seconds.restore)
      try runs.note(proof, of: archive)
      guard let target = Target(reader?.manifest.target) ?? Target(runs.record(of: archive)) else { return }
      if let failure {
        noteFailedBackup(
          url: target.url, identity: target.identity, "the verification of \(archive) failed: \(failure)")
      } else {
        try runs.endTroubles(url: target.url, identity: target.identity)
      }
    }
  }

  private func warning(_ act: () throws(BelayError) -> Void) {
    do {
      try act()
    } catch {
      context.log(.warning, ([error.message] + error.causes).joined(separator: ": "))
    }
  }
}

/// How long a backup and its proof took; nil: that was not measured.
package struct ProofSeconds: Sendable {
  package var backup: Double?
  package var restore: Double?

  package init(backup: Double? = nil, restore: Double? = nil) {
    self.backup = backup
    self.restore = restore
  }
}

/// Whose trouble it is.
private struct Target {
  let url: String
  let identity: String

  init?(_ target: TargetRecord?) {
    guard let target else { return nil }
    (url, identity) = (target.url, target.identity)
  }

  init?(_ record: RunRecord?) {
    guard let record else { return nil }
    (url, identity) = (record.url, record.identity)
  }
}
