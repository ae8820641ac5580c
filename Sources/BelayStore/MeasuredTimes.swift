import BelayArchive
import BelayBase
import Foundation
import SystemPackage

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
    for entry in try archivesByAge().suffix(Self.lastFew).reversed() {
      // What cannot be read tells no times.
      guard let reader = try? entry.open(), reader.manifest.target.identity == identity,
        // A part takes less.
        reader.manifest.scope == nil
      else { continue }
      let proofs = runs.proofs(of: entry.id, manifest: reader.manifestSHA256).proofs
      guard let backup = proofs.compactMap(\.backupSeconds).last else { continue }
      return MeasuredTimes(
        archive: entry.id, databaseBytes: reader.manifest.target.databaseBytes, backupSeconds: backup,
        restoreSeconds: proofs.compactMap(\.restoreSeconds).last)
    }
    return nil
  }

  /// How long the last rehearsal of a change of the target took, among the last few archives: most of them are no change's.
  /// - Parameter bytes: the database's size now; where it was another one then, the time is scaled.
  /// - Returns: seconds; nil: none is known.
  package func rehearsalSeconds(of identity: String, databaseBytes bytes: UInt64) throws(BelayError) -> Double? {
    for entry in try archivesByAge().suffix(Self.lastFew).reversed() {
      guard let seconds = runs.rehearsalSeconds(of: entry.id), let reader = try? entry.open(),
        reader.manifest.target.identity == identity
      else { continue }
      let before = reader.manifest.target.databaseBytes
      return before > 0 && bytes > 0 ? seconds * Double(bytes) / Double(before) : seconds
    }
    return nil
  }

  private static let lastFew = 20
}

/// `STORE/runs/ID/times.json`: what later runs of the target estimate by. A file of its own, since no command reads the
/// journal of a run that is over.
private struct RunTimes: Codable {
  var rehearsalSeconds: Double
}

extension RunState {
  private func times(of run: String) -> FilePath { folder(of: run).appending("times.json") }

  /// - Throws: where it cannot be written: then the next estimate knows less.
  package func note(rehearsalSeconds: Double, of run: String) throws(BelayError) {
    do {
      try Durable.write(try JSONEncoder().encode(RunTimes(rehearsalSeconds: rehearsalSeconds)), to: times(of: run))
    } catch {
      throw BelayError(.failed, "cannot write \(times(of: run))", causes: ["\(error)"])
    }
  }

  /// nil: there was none, or it is not known.
  fileprivate func rehearsalSeconds(of run: String) -> Double? {
    guard let bytes = try? RegularFile.read(times(of: run), trust: .ownFile),
      let seconds = (try? JSONDecoder().decode(RunTimes.self, from: bytes))?.rehearsalSeconds, seconds >= 0
    else { return nil }
    return seconds
  }
}
