import BelayArchive
import BelayBase
import Foundation

/// What retention decides about one archive by.
package struct ArchiveFacts: Sendable {
  package var id: String
  package var bytes: UInt64
  /// nil: it cannot be read, and `damage` says why.
  package var made: Date?
  package var damage: String?
  package var kind: ArchiveKind
  /// It is of the whole database, or of the part that belay.yaml names.
  package var isOfAllThatIsKept: Bool
  /// Nothing of the database was left out.
  package var isWhole: Bool
  /// As the driver tells it.
  package var identity: String
  /// The name in belay.yaml, or the URL without secrets.
  package var target: String
  package var url: String
  package var proofs: ProofHistory
  package var pin: Pin?
  /// Why the store does not know it as its own; nil: it does.
  package var strangeness: String?
  /// The run that made it has failed or was declined, and has changed nothing.
  package var isOfFailedRun: Bool

  package init(
    id: String, bytes: UInt64 = 0, made: Date?, damage: String? = nil, kind: ArchiveKind = .manual,
    isOfAllThatIsKept: Bool = true, isWhole: Bool = true, identity: String = "", target: String = "", url: String = "",
    proofs: ProofHistory = ProofHistory(),
    pin: Pin? = nil, strangeness: String? = nil, isOfFailedRun: Bool = false
  ) {
    self.id = id
    self.bytes = bytes
    self.made = made
    self.damage = damage
    self.kind = kind
    self.isOfAllThatIsKept = isOfAllThatIsKept
    self.isWhole = isWhole
    self.identity = identity
    self.target = target
    self.url = url
    self.proofs = proofs
    self.pin = pin
    self.strangeness = strangeness
    self.isOfFailedRun = isOfFailedRun
  }

  /// Of a state to go back to, and nothing speaks against it.
  var isGoodBackup: Bool {
    damage == nil && made != nil && kind.isBackup && isOfAllThatIsKept && proofs.failure == nil && strangeness == nil
  }
}

extension Store {
  /// Of all archives, oldest first.
  package func archiveFacts() throws(BelayError) -> [ArchiveFacts] { try archivesByAge().map(facts) }

  /// Of one.
  package func facts(_ entry: ArchiveEntry) -> ArchiveFacts {
    let reader: ArchiveReader
    do {
      reader = try entry.open()
    } catch {
      return ArchiveFacts(
        id: entry.id, bytes: entry.bytes, made: nil, damage: error.message,
        proofs: runs.proofs(of: entry.id, manifest: nil), pin: runs.pin(of: entry.id))
    }
    let manifest = reader.manifest
    let made = Moment.parse(manifest.createdAt)
    return ArchiveFacts(
      id: entry.id, bytes: entry.bytes, made: made,
      damage: made == nil ? "its manifest names no moment at which it was made" : nil, kind: manifest.kind,
      isOfAllThatIsKept: manifest.isOfAllThatIsKept, isWhole: manifest.scope == nil,
      identity: manifest.target.identity,
      target: manifest.target.name ?? manifest.target.url,
      url: manifest.target.url, proofs: runs.proofs(of: entry.id, manifest: reader.manifestSHA256),
      pin: runs.pin(of: entry.id), strangeness: trustsAll ? nil : runs.strangeness(of: reader),
      isOfFailedRun: manifest.kind == .beforeMigration && runs.ending(of: entry.id)?.leftNothing == true)
  }
}

extension RunEnding {
  /// It has failed and was undone, or it was declined. A change that stopped by choice is in the database.
  var leftNothing: Bool {
    switch failure {
    case nil, .stopped, .outcomeUnknown, .notRolledBack: false
    default: true
    }
  }
}
