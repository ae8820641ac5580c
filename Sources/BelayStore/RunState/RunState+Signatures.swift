import BelayArchive
import BelayBase
import Foundation
import SystemPackage

/// Signatures of archives. A signature says that this store has made an archive, or that a person has vouched for it: not
/// that it is whole, which its checksums say, nor that it restores.
///
///     STORE/signing-key        32 random bytes
///     STORE/signatures/ID      HMAC-SHA-256 of the archive's name and of the SHA-256 of its manifest, as hex; a line for
///                              each archive of that name: a stranger's may have the name of one of this store's own
///
/// The manifest has the SHA-256 of every member, so that the signature is one of the whole archive.
extension RunState {
  var signingKey: FilePath { root.appending("signing-key") }
  var signaturesFolder: FilePath { root.appending("signatures") }

  /// Makes an archive one of this store's own. It is on the disk when this returns.
  package func sign(_ archive: ArchiveReader) throws(BelayError) {
    let path = signaturesFolder.appending(archive.manifest.id)
    do {
      let key = try SigningKey.made(at: signingKey)
      try Durable.makeFolder(signaturesFolder)
      var codes = (try? Self.codes(path)) ?? []  // none, most likely; what cannot be read says nothing
      guard !codes.contains(where: { isHMACSHA256($0, of: archive.signedText, key: key.bytes) }) else { return }
      codes.append(hmacSHA256(archive.signedText, key: key.bytes))
      try Durable.write(Data((codes.joined(separator: "\n") + "\n").utf8), to: path, isShared: true)
    } catch let flaw as FileFlaw {
      throw BelayError(.failed, "the store's key \(signingKey) \(flaw.text)", hint: flaw.cure)
    } catch {
      throw BelayError(
        .failed, "cannot write the signature \(path)", hint: "is the store's disk full?", causes: ["\(error)"])
    }
  }

  /// Why an archive is not known as one that this store has made; nil: it is.
  package func strangeness(of archive: ArchiveReader) -> String? {
    let key: SigningKey
    do throws(FileFlaw) {
      guard let found = try SigningKey(signingKey) else { return "the store has no key, so it has signed none" }
      key = found
    } catch {
      return "the store's key \(signingKey) \(error.text)\(error.cure.map { " (\($0))" } ?? "")"
    }
    do throws(FileFlaw) {
      let codes = try Self.codes(signaturesFolder.appending(archive.manifest.id))
      return codes.contains { isHMACSHA256($0, of: archive.signedText, key: key.bytes) }
        ? nil : "the store has signed another archive of that name, or it was changed since"
    } catch {
      return error.isMissing ? "the store has no signature of it" : "its signature \(error.text)"
    }
  }

  private static func codes(_ path: FilePath) throws(FileFlaw) -> [String] {
    String(decoding: try RegularFile.read(path, most: 1 << 20, trust: .ownFile), as: UTF8.self)
      .split(separator: "\n").map(String.init)
  }
}

extension ArchiveReader {
  /// What a signature covers. The first line keeps it apart from whatever else the key may sign one day.
  fileprivate var signedText: String { "belay archive 1\n\(manifest.id)\n\(manifestSHA256)\n" }
}
