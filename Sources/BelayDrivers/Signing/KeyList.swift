import BelayRows
import Foundation
import Glibc

/// A file that lists who may sign drivers: lines as in OpenSSH's allowed_signers or authorized_keys, ed25519 keys only.
struct KeyList {
  let path: String
  /// Each key with its name in the list.
  let names: [SigningKey: String]

  /// nil if there is no such file. It must be as trusted as a driver: whoever can write to it decides what is loaded.
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
    // Reading a FIFO would wait for a writer.
    guard stat(resolved, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      throw FileFlaw(reason: "cannot be read: it is not a regular file")
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
      guard let type = words.firstIndex(of: SigningKey.type) else { throw flaw("contains no ssh-ed25519 key") }
      guard words.indices.contains(type + 1), let blob = Data(base64Encoded: words[type + 1]),
        let key = SigningKey(blob: [UInt8](blob))
      else { throw flaw("contains a key that cannot be read") }
      // An unknown option could be one that restricts. In authorized_keys the options come first.
      let isName = first != "cert-authority" && !first.contains("=")
      for option in words[..<type].dropFirst(isName ? 1 : 0) where option != "namespaces=\"\(DriverSignature.purpose)\""
      {
        throw flaw("has the option \(option), but only namespaces=\"\(DriverSignature.purpose)\" is supported")
      }
      let comment = words[(type + 2)...].joined(separator: " ")
      names[key] = type > 0 ? first : comment.isEmpty ? key.fingerprint : comment
    }
    self.names = names
  }
}
