import BelayBase

/// How one proof of an archive ended.
package struct ArchiveProof: Codable, Sendable, Equatable {
  package var level: VerificationLevel
  /// ISO 8601, UTC.
  package var at: String
  /// SHA-256 of the manifest: another archive of the same name has not been proven by it. nil: it could not be read.
  package var manifest: String?
  /// What speaks against the archive; nil: it is good.
  package var failure: String?
  /// How long the backup took that made the archive; nil: it was made before, or that is not known.
  package var backupSeconds: Double?
  /// How long it took to restore it into a scratch database and to compare all rows; nil: it was not.
  package var restoreSeconds: Double?

  package init(level: VerificationLevel, at: String, manifest: String?, failure: String? = nil) {
    self.level = level
    self.at = at
    self.manifest = manifest
    self.failure = failure
  }
}

/// All that is recorded of the proofs of one archive, oldest first.
package struct ProofHistory: Sendable, Equatable {
  package let proofs: [ArchiveProof]
  /// Why it is not known whether an earlier proof has failed.
  private let flaw: String?

  package init(_ proofs: [ArchiveProof] = [], flaw: String? = nil) {
    self.proofs = proofs
    self.flaw = flaw
  }

  package var last: ArchiveProof? { proofs.last }

  /// What speaks against the archive: its last proof has failed. nil: nothing is known.
  package var failure: String? { flaw ?? last?.failure }

  /// The highest level that it was proven at since a proof failed, and the last time that was. nil: it was not.
  package var standing: ArchiveProof? {
    guard flaw == nil else { return nil }
    let good = proofs.reversed().prefix { $0.failure == nil }
    // Of several that are equal, `max` gives the first: the latest.
    return good.max { $0.level < $1.level }
  }

  package var isProvenByRestoring: Bool { standing?.level == .restore }

  func keeping(_ isMeant: (ArchiveProof) -> Bool) -> ProofHistory { ProofHistory(proofs.filter(isMeant), flaw: flaw) }
}
