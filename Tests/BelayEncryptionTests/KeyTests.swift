import BelayArchive
import BelayBase
import BelayEncryption
import Foundation
import SystemPackage
import Testing

@Suite("Keys for archives")
struct KeyTests {
  private let keys = KeyFolder()

  private func write(_ text: String, to name: String, mode: Int = 0o600) throws {
    let path = keys.path.appending(name).string
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
  }

  @Test("a file of recipients may have comments and empty lines, and what is wrong in it is named by its line")
  func recipientsFile() throws {
    let (a, b) = (try keys.key("a.txt"), try keys.ssh("b"))
    func encryption(_ text: String) throws -> [String]? {
      try write(text, to: "recipients.txt", mode: 0o644)
      var settings = EncryptionSettings()
      settings.recipientsFiles = [keys.path.appending("recipients.txt").string]
      return try Keyring(settings).encryptor()?.record.recipients
    }
    let found = try encryption("# backups of the shop\n\n\(a)  \n\(b)\n\(a)\n")
    #expect(found?.first == a && found?.count == 2 && found?.last?.hasPrefix("ssh-ed25519 ") == true)
    for (text, words) in [
      ("# none\n", "contains no recipient"), ("\(a)\nage1nonsense\n", "recipients.txt, line 2: \"age1nonsense\""),
      ("ecdsa-sha2-nistp256 AAAA x\n", "line 1"), ("AGE-SECRET-KEY-1QQQQ\n", "line 1: this is a private key"),
    ] {
      let error = #expect(throws: BelayError.self) { try encryption(text) }
      #expect(error?.kind == .usage && error?.message.contains(words) == true, "\(String(describing: error))")
      #expect("\(String(describing: error))".contains("1QQQQ") == false)
    }
  }

  @Test("a manifest that is to be encrypted for nobody is an error, and not an archive in clear")
  func nobody() throws {
    var settings = EncryptionSettings()
    #expect(try Keyring(settings).encryptor() == nil)
    settings.hidesManifest = true
    let error = #expect(throws: BelayError.self) { try Keyring(settings).encryptor() }
    #expect(error?.kind == .usage)
  }

  @Test("a key file is refused that others can read, that is protected, or that is no key; and it is said why")
  func identities() throws {
    try keys.key("good.txt")
    let good = try String(contentsOfFile: keys.path.appending("good.txt").string, encoding: .utf8)
    try write(good, to: "open.txt", mode: 0o644)
    try write("age-encryption.org/v1\n-> scrypt x 18\n", to: "protected.txt")
    try write("age1whg8xmvdpn75rjp7drahawmw60s4da8n7trhddh83cg252lyn3us2hh9xx\n", to: "public.txt")
    try write("nothing\n", to: "none.txt")
    _ = try keys.ssh("plain")
    _ = try keys.ssh("locked", passphrase: "a passphrase")
    try FileManager.default.createDirectory(
      atPath: keys.path.appending("folder").string, withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: keys.path.appending("link.txt").string, withDestinationPath: keys.path.appending("good.txt").string)
    for name in ["good.txt", "link.txt", "plain"] {
      try Keyring(keys.settings([], identities: [name])).readIdentities()
    }
    for (name, words) in [
      ("open.txt", "can be read by others"), ("protected.txt", "passphrase"), ("public.txt", "public key"),
      ("none.txt", "no private key"), ("locked", "passphrase"), ("folder", "is a folder"),
      ("missing", "cannot be read"),
    ] {
      let error = #expect(throws: BelayError.self) {
        try Keyring(keys.settings([], identities: [name])).readIdentities()
      }
      #expect(error?.kind == (name == "missing" ? .notFound : .refused))
      #expect(error?.message.contains(words) == true, "\(String(describing: error))")
    }
  }
}
