import BelayArchive
import BelayBase
import BelayProcess
import Foundation

/// Encrypts for the recipients, and for a key that lives only in this process: with it a run reads back what it has written,
/// also on a machine that does not have the private key of any recipient.
struct AgeEncryptor: MemberEncryptor {
  let record: EncryptionRecord
  let decryptor: any MemberDecryptor
  private let age: AgeProgram
  private let recipients: MemoryFile
  private let own: MemoryFile

  init(
    _ recipients: Recipients, hidesManifest: Bool, own: MemoryFile, age: AgeProgram, decryptor: any MemberDecryptor
  ) throws(BelayError) {
    record = EncryptionRecord(
      recipients: recipients.keys, manifest: hidesManifest ? Manifest.sealedName : nil)
    self.recipients = try recipients.file
    self.own = own
    self.age = age
    self.decryptor = decryptor
  }

  func encrypting(_ member: String, path: String) throws(ArchiveError) -> any CipherStream {
    // With -e, age takes the recipient of an identity.
    try AgeStream(
      age, ["-e"], [.init(option: "-R", file: recipients), .init(option: "-i", file: own)], member: member, path: path
    ) { reason, _ in
      ArchiveError(.io, path: path, member: member, "age could not encrypt \(member): \(reason)")
    }
  }

  /// A new private key, which is nowhere else.
  static func newKey() throws(BelayError) -> MemoryFile {
    let (outcome, output) = try AgeProgram("age-keygen").run([])
    guard outcome.succeeded, !output.isEmpty else {
      throw BelayError(
        .failed, "age-keygen made no key: \(outcome.ending)", state: "nothing was changed")
    }
    return try MemoryFile(holding: String(decoding: output, as: UTF8.self))
  }
}
