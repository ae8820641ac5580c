import BelayRows
import Foundation
import Glibc

/// A file that lists who may sign drivers: lines as in OpenSSH's allowed_signers or authorized_keys, ed25519 keys only.
struct KeyList {
  let path: String
  /// Each key with the name that the list gives it.
  let names: [SigningKey: String]

  /// nil where there is no such file. Held to the same trust as a driver: whoever can write it decides what is loaded.
  static func read(_ path: String) throws(FileFlaw) -> KeyList? {
    var status = stat()
    if lstat(path, &status) != 0, errno == ENOENT || errno == ENOTDIR { return nil }
    let resolved: String
    do {
      resolved = try TrustedPath.resolve(path)
    } catch {
      switch error.reason {
      case .untrusted(let what): throw FileFlaw(reason: "is not trusted: \(what)", hint: error.hint)
      case .unreachable(let what): throw FileFlaw(reason: "cannot be read: \(what)")
      }
    }
    if stat(resolved, &status) == 0, let flaw = Ownership(status).flaw {
      throw FileFlaw(reason: "is not trusted: it \(flaw.text)", hint: flaw.hint(for: resolved))
    }
    let text: String
    do {
      text = try String(contentsOfFile: resolved, encoding: .utf8)
    } catch {
      throw FileFlaw(reason: "cannot be read: \(error.localizedDescription)")
    }
    return try KeyList(path: path, text)
  }

  init(path: String, _ text: String) throws(FileFlaw) {
    self.path = path
    var names: [SigningKey: String] = [:]
    for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
      let words = line.split(whereSeparator: \.isWhitespace).map(String.init)
      guard let first = words.first, !first.hasPrefix("#") else { continue }
      func flaw(_ reason: String) -> FileFlaw { FileFlaw(reason: "line \(index + 1) \(reason)") }
      guard let type = words.firstIndex(of: SigningKey.type) else { throw flaw("holds no ssh-ed25519 key") }
      guard words.indices.contains(type + 1), let blob = Data(base64Encoded: words[type + 1]),
        let key = SigningKey(blob: [UInt8](blob))
      else { throw flaw("holds a key that cannot be read") }
      // An option that is not understood could be one that restricts. authorized_keys has its options first.
      let isName = first != "cert-authority" && !first.contains("=")
      for option in words[..<type].dropFirst(isName ? 1 : 0) where option != "namespaces=\"\(DriverSignature.purpose)\""
      {
        throw flaw("has the option \(option): only namespaces=\"\(DriverSignature.purpose)\" is known")
      }
      let comment = words[(type + 2)...].joined(separator: " ")
      names[key] = type > 0 ? first : comment.isEmpty ? key.fingerprint : comment
    }
    self.names = names
  }
}
