import BelayRows
import Foundation

/// The output of `ssh-keygen -Y sign -n belay-driver`. The format is described in OpenSSH's PROTOCOL.sshsig.
struct DriverSignature {
  /// The purpose that a signature must have. One for mail or for commits says nothing about a driver.
  static let purpose = "belay-driver"

  enum Digest: String { case sha256, sha512 }

  let key: SigningKey
  let digest: Digest
  private let reserved: [UInt8]
  private let signature: [UInt8]

  /// A text to put after "its signature ".
  struct Flaw: Error, Equatable { let reason: String }

  init(_ text: String) throws(Flaw) {
    let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmingCharacters(in: .whitespaces) }
    guard lines.first == "-----BEGIN SSH SIGNATURE-----", lines.last == "-----END SSH SIGNATURE-----",
      let blob = Data(base64Encoded: lines.dropFirst().dropLast().joined())
    else { throw Flaw(reason: "is not in the format of ssh-keygen") }
    do {
      var wire = SSHWire([UInt8](blob))
      let magic = try wire.bytes(6)
      let version = try wire.number()
      let keyBlob = try wire.string()
      let purpose = try wire.text()
      reserved = try wire.string()
      let digest = try wire.text()
      var signed = SSHWire(try wire.string())
      guard magic == Self.magic, version == 1 else { throw SSHWire.Short() }
      let type = try signed.text()
      signature = try signed.string()
      guard let key = SigningKey(blob: keyBlob), type == SigningKey.type else {
        throw Flaw(reason: "was not made with an ssh-ed25519 key")
      }
      self.key = key
      guard purpose == Self.purpose else { throw Flaw(reason: "was made for \(purpose), not for \(Self.purpose)") }
      guard let known = Digest(rawValue: digest) else { throw Flaw(reason: "uses \(digest), which is not supported") }
      self.digest = known
    } catch let flaw as Flaw {
      throw flaw
    } catch {
      throw Flaw(reason: "is not in the format of ssh-keygen")
    }
  }

  private static let magic = Array("SSHSIG".utf8)

  /// Whether the key's owner has signed the file with this sum, which was computed with `digest`.
  func covers(_ sum: [UInt8]) -> Bool {
    let message =
      Self.magic + SSHWire.string(Array(Self.purpose.utf8)) + SSHWire.string(reserved)
      + SSHWire.string(Array(digest.rawValue.utf8)) + SSHWire.string(sum)
    return key.signed(message, signature)
  }
}
