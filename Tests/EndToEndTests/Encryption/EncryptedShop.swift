import Foundation
import Testing

/// A shop on SQLite whose belay.yaml calls it `shop` and has its archives encrypted; the private key is key.txt.
final class EncryptedShop {
  let folder: Workspace
  private(set) var recipient = ""

  init() throws {
    folder = try Workspace()
    recipient = try key("key.txt")
    try encrypts(recipient)
  }

  /// - Parameter identity: for `identity_file`; nil: there is none.
  func encrypts(_ recipients: String, identity: String? = nil, more: String = "") throws {
    let file = identity.map { "\n  identity_file: \($0)" } ?? ""
    try folder.write(
      "targets:\n  shop: sqlite:shop.db\nencryption:\n  recipients: \(recipients)\(file)\n\(more)", to: "belay.yaml")
  }

  /// An age of the test's own, which does this when it decrypts. It has age's arguments, and age itself is /usr/bin/age.
  /// - Returns: the environment in which it is found.
  func standIn(decrypting script: String) throws -> [String: String] {
    try folder.folder(
      of: "bin/age", "#!/bin/sh\ncase \"$*\" in *'-i '*) \(script) ;; *) exec /usr/bin/age \"$@\" ;; esac\n")
    let bin = folder.folder.appending(path: "bin")
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: bin.appending(path: "age").path)
    return ["PATH": bin.path + ":/usr/bin:/bin"]
  }

  /// Makes a key file.
  /// - Returns: its public key.
  @discardableResult
  func key(_ name: String) throws -> String {
    for arguments in [["-o", name], ["-y", name]] {
      let run = try Program.run("/usr/bin/env", ["age-keygen"] + arguments, in: folder.folder)
      try #require(run.status == 0, "\(run)")
      if arguments[0] == "-y" { return run.output.trimmingCharacters(in: .whitespacesAndNewlines) }
    }
    return ""
  }
}
