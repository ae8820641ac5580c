import DriverTesting
import Foundation
import Testing

@testable import BelayDrivers

@Suite("Keys that may sign drivers, with ssh-keygen's signatures")
struct SigningTests {
  private let folder: TemporaryFolder
  private let path: String
  private var signature: String { path + ".sig" }

  init() throws {
    folder = try TemporaryFolder()
    _ = try folder.folder("prefix/bin")
    _ = try folder.folder("prefix/etc/belay")
    _ = try folder.folder("home/.config/belay")
    path = try folder.copy(BuiltDrivers.sound(), to: "prefix/lib/belay/drivers/belay-driver-sound.so")
  }

  private var search: DriverSearch {
    DriverSearch(paths: [], environment: ["HOME": folder("home")], executable: folder("prefix/bin/belay"))
  }

  /// Makes a key pair and gives the public half: "ssh-ed25519 AAAA… NAME".
  @discardableResult
  private func key(_ name: String, type: String = "ed25519") throws -> String {
    try Compiler.run("ssh-keygen", ["-q", "-t", type, "-N", "", "-C", name, "-f", folder(name)])
    return try String(contentsOfFile: folder(name + ".pub"), encoding: .utf8).trimmingCharacters(in: .newlines)
  }

  private func sign(_ key: String, purpose: String = "belay-driver", options: [String] = []) throws {
    try? FileManager.default.removeItem(atPath: signature)  // ssh-keygen would ask
    try Compiler.run("ssh-keygen", ["-q", "-Y", "sign", "-n", purpose, "-f", folder(key)] + options + [path])
  }

  private func system(_ lines: String...) throws {
    try folder.file("prefix/etc/belay/driver-keys", lines.joined(separator: "\n"))
  }

  private func user(_ lines: String...) throws {
    try folder.file("home/.config/belay/driver-keys", lines.joined(separator: "\n"))
  }

  private func refusal() -> DriverLoadError? {
    do {
      _ = try search.load(named: "sound")
      return nil
    } catch {
      return error
    }
  }

  private func expectRefusal(_ message: String, location: SourceLocation = #_sourceLocation) {
    let error = refusal()
    #expect(error?.kind == .unsigned, sourceLocation: location)
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "loaded")", sourceLocation: location)
  }

  @Test("without a list nobody needs to sign")
  func noList() throws {
    #expect(refusal() == nil)
    #expect(DriverFacts(name: "sound", path: path, keys: search.keys).signer == nil)
  }

  @Test("with a list, an unsigned driver is refused, and the hint says how to sign it")
  func unsigned() throws {
    try system("# who may\n", try key("alice"))
    expectRefusal("is not signed, but \(folder("prefix/etc/belay/driver-keys")) requires it")
    #expect(refusal()?.hint?.contains("ssh-keygen -Y sign -n belay-driver") == true)
  }

  @Test(
    "a listed key's signature is enough, in either form of line and by either digest",
    arguments: [("%", "sha512"), ("alice@example.org %", "sha256"), ("alice namespaces=\"belay-driver\" %", "sha512")])
  func signed(line: String, digest: String) throws {
    let alice = try key("alice")
    try system(line.replacingOccurrences(of: "%", with: alice))
    try sign("alice", options: ["-O", "hashalg=\(digest)"])
    #expect(refusal() == nil)
    let signer = try #require(DriverFacts(name: "sound", path: path, keys: search.keys).signer)
    #expect(signer.name?.hasPrefix("alice") == true)
    // As ssh-keygen itself shows it.
    try Compiler.run("sh", ["-c", "ssh-keygen -l -f \(folder("alice.pub")) | grep -qF '\(signer.fingerprint)'"])
  }

  @Test("a key that is not listed, or not any more, is named")
  func otherKey() throws {
    let alice = try key("alice")
    try key("bob")
    try system(alice)
    try sign("bob")
    expectRefusal("which \(folder("prefix/etc/belay/driver-keys")) does not list")
    try sign("alice")
    #expect(refusal() == nil)
    try system("# alice has left")
    expectRefusal("does not list")
  }

  @Test("a changed file is not what was signed")
  func changed() throws {
    try system(try key("alice"))
    try sign("alice")
    let handle = try FileHandle(forWritingTo: URL(filePath: path))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data([0]))
    try handle.close()
    expectRefusal("its signature is for another file")
  }

  @Test("a signature for another purpose says nothing")
  func otherPurpose() throws {
    try system(try key("alice"))
    try sign("alice", purpose: "git")
    expectRefusal("was made for git")
  }

  @Test("a signature that is truncated or in another format is reported as such", arguments: [0, 1, 40, 150, 250])
  func damaged(length: Int) throws {
    try system(try key("alice"))
    try sign("alice")
    let text = try String(contentsOfFile: signature, encoding: .utf8)
    try folder.file("prefix/lib/belay/drivers/belay-driver-sound.so.sig", String(text.prefix(length)))
    expectRefusal("is not in the format of ssh-keygen")
    // And one of which only the armour is whole.
    let lines = text.split(separator: "\n")
    let cut = ([lines[0]] + lines.dropFirst().prefix(max(0, length / 70)) + [lines[lines.count - 1]])
    try folder.file("prefix/lib/belay/drivers/belay-driver-sound.so.sig", cut.joined(separator: "\n"))
    #expect(refusal()?.kind == .unsigned)
  }

  @Test("a key of another type does not count")
  func otherType() throws {
    let line = try key("old", type: "ecdsa")
    try system(line)
    expectRefusal("line 1 contains no ssh-ed25519 key")
    try system(try key("alice"))
    try sign("old")
    expectRefusal("was not made with an ssh-ed25519 key")
  }

  @Test("the user's list restricts further, and loosens nothing")
  func both() throws {
    let (alice, bob) = (try key("alice"), try key("bob"))
    try sign("alice")
    try system(bob)
    try user(alice)
    expectRefusal("\(folder("prefix/etc/belay/driver-keys")) does not list")
    try system(alice, bob)
    #expect(refusal() == nil)
    try user(bob)
    expectRefusal("\(folder("home/.config/belay/driver-keys")) does not list")
  }

  @Test(
    "a list that cannot be understood refuses all",
    arguments: [
      ("alice ssh-ed25519 AAAA", "line 1 contains a key that cannot be read"), ("\n\nwhat", "line 3 contains no"),
      ("alice valid-before=\"2030\" %", "line 1 has the option valid-before"),
      ("cert-authority %", "line 1 has the option cert-authority"),
      ("from=\"10.0.0.1\" %", "line 1 has the option from="),
    ])
  func oddList(text: String, message: String) throws {
    let alice = try key("alice")
    try sign("alice")
    try system(text.replacingOccurrences(of: "%", with: alice))
    expectRefusal(message)
  }

  @Test("a list that others can write to is trusted by nobody")
  func writableList() throws {
    try system(try key("alice"))
    try sign("alice")
    try folder.setMode(0o666, of: "prefix/etc/belay/driver-keys")
    expectRefusal("can be written to by everybody")
  }
}
