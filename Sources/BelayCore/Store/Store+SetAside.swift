import Foundation
import SystemPackage

extension Store {
  /// Takes its name from an archive that did not pass its verification: it is kept, since of a damaged database it may be
  /// all there is, but nobody takes it for a backup.
  /// - Returns: what to tell of it.
  func setAside(_ id: String) -> String {
    let path = archivePath(id)
    let aside = FilePath(path.string + ".unverified")
    guard rename(path.string, aside.string) == 0 else {
      return "the archive \(path) is NOT a good backup, and could not be renamed: \(Errno(rawValue: errno))"
    }
    do {
      try Durable.syncFolder(root)
    } catch {
      return "what was written is kept as \(aside); the folder could not be synced: \(error)"
    }
    return "what was written is kept as \(aside)"
  }

  /// What to tell of an archive whose proof could not be brought to an end, which says nothing against it.
  func keptUnproven(_ id: String) -> String {
    "the archive \(id) is kept: every member of it was decoded, and it was not restored; that is done by"
      + " `belay verify \(id) --level restore`"
  }
}
