import BelayBase
import Foundation
import SystemPackage

/// The proofs of archives, good and failed, by backups, migrations and verifications:
///
///     STORE/proofs/ID      a line of JSON for each, oldest first
///     STORE/elsewhere/PLACE/proofs/ID
///                          the same of its copies in another repository, which can be damaged by themselves
///     STORE/failed/ID      of an earlier belay: what was wrong when it was last verified
///
/// An archive that failed keeps its file's name, and nobody takes it for a good backup until another proof succeeds.
extension RunState {
  var proofsFolder: FilePath { (elsewhere.map(folder) ?? root).appending("proofs") }
  /// More are of no use: the oldest ones make room.
  private static var most: Int { 100 }

  /// Records how a proof ended. It is on the disk when this returns.
  package func note(_ proof: ArchiveProof, of archive: String) throws(BelayError) {
    try checkOwnership()
    let path = proofsFolder.appending(archive)
    do {
      try Durable.makeFolder(proofsFolder)
      // Two may prove one archive at once; the kernel lets go of it with the handle.
      let folder = try FileDescriptor.open(proofsFolder, .readOnly, options: [.directory, .closeOnExec])
      defer { try? folder.close() }
      while flock(folder.rawValue, LOCK_EX) != 0 && errno == EINTR {}
      let all = recorded(path).proofs + [proof]
      let lines = try all.suffix(Self.most).map { try JSONLine.encode($0) }
      try Durable.write(Data(lines.joined()), to: path)
      if elsewhere == nil, unlink(failedFolder.appending(archive).string) == 0 {
        try Durable.syncFolder(failedFolder)
      }
    } catch {
      throw BelayError(
        .failed, "cannot record the proof of \(archive) in \(path)", hint: Durable.hint(for: error),
        causes: ["\(error)"])
    }
  }

  /// - Parameter manifest: SHA-256 of the archive's manifest; nil: it cannot be read, and what speaks against any archive of
  ///   that name speaks against it.
  package func proofs(of archive: String, manifest: String?) -> ProofHistory {
    let found = recorded(proofsFolder.appending(archive))
    guard found != ProofHistory() else {
      return ProofHistory([], flaw: elsewhere == nil ? failureOfEarlierBelay(archive) : nil)
    }
    guard let manifest else { return found }
    return found.keeping { $0.manifest == nil || $0.manifest == manifest }
  }

  private func recorded(_ path: FilePath) -> ProofHistory {
    do throws(FileFlaw) {
      let text = try RegularFile.read(path, most: 1 << 20, trust: .ownFile)
      let decoder = JSONDecoder()
      var proofs: [ArchiveProof] = []
      for line in text.split(separator: UInt8(ascii: "\n")) {
        guard let proof = try? decoder.decode(ArchiveProof.self, from: line) else { throw FileFlaw("is damaged") }
        proofs.append(proof)
      }
      return ProofHistory(proofs)
    } catch {
      if error.isMissing { return ProofHistory() }
      return ProofHistory([], flaw: "the record of its proofs, \(path), \(error.text): `belay verify` writes it anew")
    }
  }

  private func failureOfEarlierBelay(_ archive: String) -> String? {
    do throws(FileFlaw) {
      let text = try RegularFile.read(failedFolder.appending(archive), most: 1 << 20)
      return String(decoding: text, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    } catch {
      return error.isMissing ? nil : "what was found wrong with it cannot be read: \(error.text)"
    }
  }
}
