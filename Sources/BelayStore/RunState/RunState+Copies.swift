import BelayArchive
import BelayBase
import Foundation
import SystemPackage

/// That an archive was stored in another repository too, and that its content was compared there.
package struct ArchiveCopy: Codable, Sendable, Equatable {
  /// The repository's name in belay.yaml, or its place.
  package var repository: String
  /// Where it lies, without secrets.
  package var location: String
  /// ISO 8601, UTC.
  package var at: String
  package var bytes: UInt64

  package init(repository: String, location: String, at: String, bytes: UInt64) {
    self.repository = repository
    self.location = location
    self.at = at
    self.bytes = bytes
  }
}

/// `STORE/copies/ID/`: a file for each repository.
extension RunState {
  var copiesFolder: FilePath { root.appending("copies") }

  var elsewhereFolder: FilePath { root.appending("elsewhere") }

  /// What is known of the archives in another repository. A place is no name of a file.
  func folder(of repository: RepositoryDefinition) -> FilePath {
    elsewhereFolder.appending(String(sha256(Array(repository.place.text.utf8)).prefix(16)))
  }

  private func path(_ archive: String, _ repository: RepositoryDefinition) -> FilePath {
    copiesFolder.appending(archive).appending((folder(of: repository).lastComponent?.string ?? "") + ".json")
  }

  /// It is on the disk when this returns. An earlier note of the same copy is replaced.
  package func note(
    _ copy: ArchiveCopy, of archive: String, in repository: RepositoryDefinition
  ) throws(BelayError) {
    try checkOwnership()
    let path = path(archive, repository)
    do {
      try Durable.makeFolder(copiesFolder.appending(archive))
      try Durable.write(try JSONEncoder().encode(copy), to: path, isShared: true)
    } catch {
      throw BelayError(.failed, "cannot write \(path)", hint: Durable.hint(for: error), causes: ["\(error)"])
    }
  }

  /// A copy is equal to the archive now: what was proven of that is proven of this. Proofs of an earlier copy stay what they
  /// are.
  package func noteProofs(of archive: String, manifest: String?, in repository: RepositoryDefinition) throws(BelayError)
  {
    let there = RunState(root, elsewhere: repository)
    guard there.proofs(of: archive, manifest: manifest).proofs.isEmpty else { return }
    for proof in proofs(of: archive, manifest: manifest).proofs { try there.note(proof, of: archive) }
  }

  /// By their names. Notes that cannot be read are left out: a copy is found by looking there, not by its note.
  package func copies(of archive: String) -> [ArchiveCopy] {
    let folder = copiesFolder.appending(archive)
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.string)) ?? []
    return names.sorted().compactMap { name in
      guard let data = try? RegularFile.read(folder.appending(name), most: 1 << 20) else { return nil }
      return try? JSONDecoder().decode(ArchiveCopy.self, from: data)
    }.sorted { $0.repository < $1.repository }
  }

  /// It has been removed there. One that was not noted is no failure.
  package func forgetCopy(of archive: String, in repository: RepositoryDefinition) throws(BelayError) {
    let path = path(archive, repository)
    guard unlink(path.string) == 0 || errno == ENOENT else {
      throw BelayError(.failed, "cannot remove \(path)", causes: [Errno(rawValue: errno).description])
    }
    rmdir(copiesFolder.appending(archive).string)
  }
}
