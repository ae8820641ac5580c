import BelayArchive
import BelayBase

extension Repository {
  /// What becomes of an archive whose proof ended with an error: set aside where that speaks against the archive. The error
  /// tells of it.
  /// - Returns: its id; nil where it has that name no longer.
  package func keepOrSetAside(_ id: String, after error: inout BelayError) -> String? {
    guard error.speaksAgainstArchive else {
      error.causes.append(
        "the archive \(id) is kept: every member was decoded, but it was not restored; to prove that it restores:"
          + " `belay verify \(id) --level restore`")
      return id
    }
    error.causes.append(setAside(id))
    return nil
  }

  /// Takes its name from an archive that did not pass its verification: it is kept, since of a damaged database it may be
  /// all there is, but nobody takes it for a backup.
  /// - Returns: what to tell of it.
  private func setAside(_ id: String) -> String {
    let name = ArchiveName.of(id)
    let aside = name + ArchiveName.unverified
    do throws(ArchiveError) {
      try rename(name, to: aside)
      return "the file is kept as \(location)/\(aside)"
    } catch {
      return "the archive \(location)/\(name) is NOT a good backup, and setting it aside failed: \(error.message)"
    }
  }
}
