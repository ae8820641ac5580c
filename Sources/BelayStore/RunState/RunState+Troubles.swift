import BelayBase
import Foundation
import SystemPackage

/// That the last backup or verification of a target has failed. Until one succeeds, retention removes nothing of it: the
/// archives that are there may be the last good ones.
package struct BackupTrouble: Codable, Sendable, Equatable {
  /// Without secrets.
  package var url: String
  /// As the driver tells it; nil: the database could not be opened.
  package var identity: String?
  /// ISO 8601, UTC.
  package var at: String
  package var what: String

  package init(url: String, identity: String?, at: String, what: String) {
    self.url = url
    self.identity = identity
    self.at = at
    self.what = what
  }

  /// Why nothing is removed.
  package var reason: String {
    "nothing is removed until a backup or a verification succeeds: \(what) (\(at))"
  }

  package func isOf(url: String, identity: String) -> Bool { self.url == url || self.identity == identity }
}

/// `STORE/troubles/TARGET`: one for each target that is in trouble, by its URL.
extension RunState {
  var troublesFolder: FilePath { root.appending("troubles") }

  /// It is on the disk when this returns.
  package func note(_ trouble: BackupTrouble) throws(BelayError) {
    try checkOwnership()
    let path = troublesFolder.appending(TargetName.of(identity: trouble.url))
    do {
      try Durable.makeFolder(troublesFolder)
      try Durable.write(try JSONEncoder().encode(trouble), to: path, isShared: true)
    } catch {
      throw BelayError(
        .failed, "cannot record in \(path) that a backup failed", hint: Durable.hint(for: error), causes: ["\(error)"])
    }
  }

  /// For a target of which a backup or a verification has succeeded.
  package func endTroubles(url: String, identity: String) throws(BelayError) {
    for (path, trouble) in try recordedTroubles() where trouble.isOf(url: url, identity: identity) {
      unlink(path.string)
    }
  }

  package func troubles() throws(BelayError) -> [BackupTrouble] { try recordedTroubles().map(\.1) }

  /// - Throws: also where one cannot be read: whose it is, is not known.
  private func recordedTroubles() throws(BelayError) -> [(FilePath, BackupTrouble)] {
    var found: [(FilePath, BackupTrouble)] = []
    for name in try FolderListing.names(troublesFolder).sorted() where !name.hasSuffix(".partial") {
      let path = troublesFolder.appending(name)
      do {
        let bytes = try RegularFile.read(path, most: 1 << 20, trust: .ownFile)
        found.append((path, try JSONDecoder().decode(BackupTrouble.self, from: bytes)))
      } catch let flaw as FileFlaw where flaw.isMissing {
        // Somebody else has just ended it.
      } catch {
        throw BelayError(
          .failed, "cannot read \(path), which says that a backup of some target failed",
          hint: "back up every target, then remove that file", causes: ["\(error)"])
      }
    }
    return found
  }
}
