import BelayArchive
import BelayBase

/// How long the newest backup of a target took whose times are recorded, and to restore it.
package struct MeasuredTimes: Sendable, Equatable {
  package let archive: String
  /// The database's size then; 0: not known.
  package let databaseBytes: UInt64
  package let backupSeconds: Double
  /// Into a scratch database, with the comparison of all rows; nil: it was not restored.
  package let restoreSeconds: Double?

  package init(archive: String, databaseBytes: UInt64, backupSeconds: Double, restoreSeconds: Double?) {
    self.archive = archive
    self.databaseBytes = databaseBytes
    self.backupSeconds = backupSeconds
    self.restoreSeconds = restoreSeconds
  }

  /// Seconds as a database of another size would take.
  package func scaled(_ seconds: Double, to bytes: UInt64) -> Double {
    databaseBytes > 0 && bytes > 0 ? seconds * Double(bytes) / Double(databaseBytes) : seconds
  }
}

extension Store {
  /// Of the newest backup among the last few; nil: there is none.
  /// - Parameter identity: the target's.
  package func measuredTimes(of identity: String) throws(BelayError) -> MeasuredTimes? {
    for entry in try archivesByAge().suffix(20).reversed() {
      // What cannot be read tells no times.
      guard let reader = try? entry.open(), reader.manifest.target.identity == identity else { continue }
      let proofs = runs.proofs(of: entry.id, manifest: reader.manifestSHA256).proofs
      guard let backup = proofs.compactMap(\.backupSeconds).last else { continue }
      return MeasuredTimes(
        archive: entry.id, databaseBytes: reader.manifest.target.databaseBytes, backupSeconds: backup,
        restoreSeconds: proofs.compactMap(\.restoreSeconds).last)
    }
    return nil
  }
}
