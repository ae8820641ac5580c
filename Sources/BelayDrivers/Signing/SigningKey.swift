import BelayRows
import Crypto
import Foundation

/// The public part of an ed25519 key, as OpenSSH writes it.
package struct SigningKey: Sendable, Hashable {
  static let type = "ssh-ed25519"

  /// 32 bytes.
  let raw: [UInt8]

  /// nil if the blob does not contain an ed25519 key.
  init?(blob: [UInt8]) {
    var wire = SSHWire(blob)
    do {
      guard try wire.text() == Self.type else { return nil }
      raw = try wire.string()
    } catch {
      return nil
    }
    guard raw.count == 32, wire.isAtEnd else { return nil }
  }

  /// As `ssh-keygen -l` shows it.
  package var fingerprint: String {
    let blob = SSHWire.string(Array(Self.type.utf8)) + SSHWire.string(raw)
    let sum = Data(SHA256.hash(data: blob)).base64EncodedString()
    return "SHA256:" + sum.prefix { $0 != "=" }
  }

  func signed(_ message: [UInt8], _ signature: [UInt8]) -> Bool {
    do {
      return try Curve25519.Signing.PublicKey(rawRepresentation: raw).isValidSignature(signature, for: message)
    } catch {
      // If the 32 bytes are not a key, nothing was signed with it.
      return false
    }
  }
}
