import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayEncryption
import BelayStore
import Crypto
import Foundation
import SystemPackage

/// `belay rekey ID`: the same archive for other recipients. The new file is written beside the old one, read back, and
/// compared member by member; only then does it take its name.
package struct Rekey {
  private let context: RunContext
  private let request: RekeyRequest
  private var store: Store { context.store }

  package init(context: RunContext, request: RekeyRequest) {
    self.context = context
    self.request = request
  }

  package func run() -> RunResult {
    do throws(BelayError) {
      guard context.settings.encryption.encrypts else { throw Self.noRecipient }
      try store.runs.checkOwnership()
      let entry = try store.archive(request.id)
      guard let own = try store.archives.entry(entry.id), own.location == entry.location else {
        throw BelayError(
          .refused, "the archive \(entry.location) is not in the store \(store.archives.location)",
          hint: "copy it there, and name it by its id", state: "nothing was changed")
      }
      return try rekey(entry)
    } catch {
      var error = error
      if context.cancellation.isCancelled { error = context.interruption() }
      if error.state == nil { error.state = "the archive is as it was" }
      return RunResult(failure: error)
    }
  }

  private static var noRecipient: BelayError {
    BelayError(
      .usage, "for whom? No recipient is given",
      hint: "add --recipient KEY, or `recipients` under `encryption` in belay.yaml",
      state: "nothing was changed")
  }

  private func rekey(_ entry: ArchiveEntry) throws(BelayError) -> RunResult {
    // This process's own key opens no archive that there is yet.
    let reader = try entry.open(with: context.keys.given)
    do throws(ArchiveError) {
      try reader.requireFullManifest()
    } catch {
      throw BelayError(error, kind: .verificationFailed)
    }
    // Whoever changes the recipients has not asked for names in clear.
    if reader.manifest.encryption?.manifest != nil { context.keys.hideManifests() }
    guard let encryptor = try context.keys.encryptor() else { throw Self.noRecipient }
    let target = reader.manifest.target
    context.phase(.backup, "\(entry.id), for \(Counted.text(encryptor.record.recipients.count, "recipient"))")
    try store.runs.prepare()
    // A run that is at work may read it with a key that ends with that run.
    let lock = try TargetLock(
      runs: store.runs, identity: target.identity, holder: "belay rekey, process \(getpid())")
    if let reason = try ArchiveNeeds(store.runs).reason(entry.id, ofTarget: target.identity) {
      throw BelayError(
        .locked, "\(entry.id) cannot be written anew now: \(reason)",
        hint: "`belay recover` ends runs that were cut off",
        state: "nothing was changed")
    }
    try write(reader, as: entry.id, for: encryptor)
    lock.release()
    let count = Counted.text(encryptor.record.recipients.count, "recipient")
    let manifest = encryptor.record.manifest == nil ? "" : ", its manifest too"
    return RunResult(
      .done,
      "\(entry.id) is encrypted for \(count) now\(manifest); copies of the old file elsewhere open with the old keys still",
      archive: entry.id, output: encryptor.record.recipients)
  }

  private func write(
    _ reader: ArchiveReader, as id: String, for encryptor: any MemberEncryptor
  ) throws(BelayError) {
    let name = ArchiveName.of(id)
    let staging = store.runs.folder(of: id).appending("rekey")
    let isOurs = store.runs.strangeness(of: reader) == nil
    do {
      try? FileManager.default.removeItem(atPath: staging.string)  // of one that was killed
      try Durable.makeFolder(staging)
      defer { try? FileManager.default.removeItem(atPath: staging.string) }  // what is left harms nobody
      let final = store.archives.localPath(name, staging: staging)
      // The archive has its name, so that this is what one that was killed has left.
      unlink(final.string + ".partial")
      let writer = try ArchiveWriter(final: final, staging: staging, replaces: true, encryptor: encryptor)
      var digests: [String: String] = [:]
      do {
        for record in reader.manifest.members where record.kind != .readme {
          try context.checkCancelled()
          let member = try writer.member(
            record.nameInClear, kind: record.kind, format: record.format, table: record.table,
            compression: record.compression)
          digests[member.name] = try digest(of: record.name, in: reader) { try member.write($0) }
          try member.finish()
        }
        let keys = context.keys
        _ = try writer.finish(reader.manifest, isCancelled: { [context] in context.cancellation.isCancelled }) {
          (partial) throws(ArchiveError) in
          try publish(partial, as: name, digests, keys: keys, isOurs: isOurs)
        }
      } catch {
        writer.abandon()
        throw error
      }
      try store.runs.note(proof(of: id), of: id)
      try AuditLog(runs: store.runs).append(
        action: "rekey", target: reader.manifest.target.url, run: id, status: .done,
        summary: "encrypted \(id) for \(encryptor.record.recipients.joined(separator: ", "))", now: Date())
    } catch {
      throw BelayError(any: error, doing: "cannot write archive \(id) anew", kind: .failed)
    }
  }

  /// What the new file proves of itself: every member was decoded. That it restores is not known of this file.
  private func proof(of id: String) throws(BelayError) -> ArchiveProof {
    let manifest = try store.archives.entry(id)?.open().manifestSHA256
    return ArchiveProof(level: .read, at: Moment.iso(Date()), manifest: manifest, failure: nil)
  }

  private func publish(
    _ partial: FilePath, as name: String, _ digests: [String: String], keys: Keyring, isOurs: Bool
  ) throws(ArchiveError) {
    let reader = try ArchiveReader(partial, keys: keys)
    do {
      for record in reader.manifest.members where record.kind != .readme {
        guard try digest(of: record.name, in: reader, { _ in }) == digests[record.name] else {
          throw ArchiveError(
            .damaged, path: partial.string, member: record.name,
            "\(record.name) does not read back as it was in the old archive", hint: "check the disk of the store")
        }
      }
      if isOurs { try store.runs.sign(reader) }
      try store.archives.replace(name, by: partial)
    } catch let error as ArchiveError {
      throw error
    } catch {
      let reason = (error as? BelayError)?.message ?? "\(error)"
      throw ArchiveError(.io, path: partial.string, reason)
    }
  }

  /// SHA-256 of a member's content, on its way to `body`.
  private func digest(
    of member: String, in reader: ArchiveReader, _ body: (UnsafeRawBufferPointer) throws -> Void
  ) throws -> String {
    var hasher = SHA256()
    try reader.read(member) { bytes in
      hasher.update(bufferPointer: bytes)
      try body(bytes)
    }
    return hasher.finalize().map { String($0, radix: 16) }.joined(separator: " ")
  }
}
