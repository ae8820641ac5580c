import BelayBase
import BelayProcess
import Foundation
import SystemPackage

/// A file of private keys, read once into memory: an age identity file, or an SSH private key without a passphrase.
struct Identity: Sendable {
  let path: String
  let file: MemoryFile

  private static let mostBytes = 1 << 20

  /// - Throws: `.notFound` where there is no such file; `.refused` where others can read it, or it is no key that can be used.
  init(_ path: String) throws(BelayError) {
    let bytes = try Self.bytes(of: path)
    if let flaw = Self.flaw(bytes) {
      throw BelayError(.refused, "the key file \(path) \(flaw.text)", hint: flaw.cure, state: "nothing was changed")
    }
    self.path = path
    do throws(ProcessStart.Failure) {
      file = try MemoryFile(bytes)
    } catch {
      throw BelayError(.failed, "cannot keep a key in memory: \(error.reason)", state: "nothing was changed")
    }
  }

  private static func bytes(of path: String) throws(BelayError) -> [UInt8] {
    // What a shell writes for `<(age -d key.age)`: a pipe of its own.
    if path.hasPrefix("/dev/fd/") { return try bytesOfPipe(path) }
    do throws(FileFlaw) {
      return Array(try RegularFile.read(FilePath(path), most: mostBytes, trust: .key))
    } catch {
      throw BelayError(
        error.isMissing ? .notFound : .refused, "the key file \(path) \(error.text)", hint: error.cure,
        state: "nothing was changed")
    }
  }

  private static func bytesOfPipe(_ path: String) throws(BelayError) -> [UInt8] {
    var bytes: [UInt8] = []
    do {
      let file = try FileDescriptor.open(path, .readOnly, options: [.closeOnExec])
      defer { try? file.close() }  // read-only: nothing can be lost by a failed close
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while bytes.count <= mostBytes {
        let count = try buffer.withUnsafeMutableBytes { try file.read(into: $0) }
        if count == 0 { break }
        bytes += buffer[..<count]
      }
    } catch {
      throw BelayError(.refused, "the key \(path) cannot be read: \(error)", state: "nothing was changed")
    }
    return bytes
  }

  /// Why age could not use it, as far as that can be said without a terminal to ask at.
  private static func flaw(_ bytes: [UInt8]) -> (text: String, cure: String?)? {
    let text = String(decoding: bytes, as: UTF8.self)
    let unlock = "unlock it for this command alone: --identity <(age -d FILE)"
    if text.hasPrefix("age-encryption.org/") || text.hasPrefix("-----BEGIN AGE ENCRYPTED FILE-----") {
      return ("is protected by a passphrase, and belay asks for none", unlock)
    }
    if text.contains("AGE-SECRET-KEY-") || text.contains("AGE-PLUGIN-") { return nil }
    guard text.contains("PRIVATE KEY-----") else {
      let isPublic = text.contains("age1") || text.contains("ssh-")
      return (
        isPublic ? "contains a public key, not a private one" : "contains no private key of age or SSH",
        "`age-keygen -o FILE` makes a private key"
      )
    }
    guard text.contains("ENCRYPTED") || isEncryptedSSH(text) else { return nil }
    return (
      "is an SSH key with a passphrase, and belay asks for none",
      "use a copy without one, which `ssh-keygen -p -N '' -f COPY` makes, or a key of age"
    )
  }

  /// An OpenSSH key says early on how it is encrypted: after its magic comes the name of the cipher.
  private static func isEncryptedSSH(_ text: String) -> Bool {
    let lines = text.split(whereSeparator: \.isNewline)
    guard let begin = lines.firstIndex(where: { $0.contains("BEGIN OPENSSH PRIVATE KEY") }) else { return false }
    let body = lines[lines.index(after: begin)...].prefix { !$0.hasPrefix("-----") }.joined()
    guard let data = Data(base64Encoded: body) else { return false }
    let head = Array("openssh-key-v1\0".utf8) + [0, 0, 0, 4] + Array("none".utf8)
    return data.starts(with: Array("openssh-key-v1\0".utf8)) && !data.starts(with: head)
  }
}
