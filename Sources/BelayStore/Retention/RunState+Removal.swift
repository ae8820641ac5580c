import BelayBase
import Foundation
import SystemPackage

/// Runs' folders and records of archives that are gone.
extension RunState {
  /// Of folders that are about to be removed: hidden, so that nobody takes half a folder for a run's.
  private static var renamed: String { ".removed-" }

  /// The folder of a run that has ended, with all that is in it; nothing where there is none.
  func removeFolder(of id: String) throws(BelayError) {
    let folder = folder(of: id)
    let aside = runsFolder.appending(Self.renamed + id)
    do {
      guard rename(folder.string, aside.string) == 0 else {
        if errno == ENOENT { return }
        throw Errno(rawValue: errno)
      }
      try Durable.syncFolder(runsFolder)
      try FileManager.default.removeItem(atPath: aside.string)
    } catch {
      throw BelayError(.failed, "cannot remove the run's folder \(folder)", causes: ["\(error)"])
    }
  }

  /// What a process that was killed has left of such folders.
  func removeRenamedFolders() throws(BelayError) {
    do {
      for name in try FileManager.default.contentsOfDirectory(atPath: runsFolder.string)
      where name.hasPrefix(Self.renamed) {
        try FileManager.default.removeItem(atPath: runsFolder.appending(name).string)
      }
    } catch {
      throw BelayError(.failed, "cannot remove what is left of runs in \(runsFolder)", causes: ["\(error)"])
    }
  }

  /// For an archive that is gone.
  func forgetProofs(of archive: String) throws(BelayError) {
    do throws(Errno) {
      for folder in elsewhere == nil ? [proofsFolder, failedFolder] : [proofsFolder]
      where unlink(folder.appending(archive).string) == 0 {
        try Durable.syncFolder(folder)
      }
    } catch {
      throw BelayError(.failed, "cannot remove the proofs of \(archive)", causes: [error.description])
    }
  }

  /// - Parameter isGone: whether the archive of that id is. What speaks against one is kept: its file may come back.
  func forgetGoodProofs(where isGone: (String) -> Bool) throws(BelayError) {
    for id in try FolderListing.names(proofsFolder) where !id.hasSuffix(".partial") && isGone(id) {
      guard proofs(of: id, manifest: nil).failure == nil else { continue }
      try forgetProofs(of: id)
    }
  }
}
