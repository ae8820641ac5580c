import DriverTesting
import Foundation
import Testing

/// That a proof could not be made says nothing against the archive: nothing is recorded, and what was proven stands.
@Suite("An archive that cannot be verified now")
struct UnreadArchiveTests {
  /// - Parameter proofs: of the archive, before.
  private func expectNoBlame(_ shop: Workspace, proofs: String) throws {
    let id = try shop.latest()
    #expect(try String(contentsOf: shop.store.appending(path: "proofs/\(id)"), encoding: .utf8) == proofs)
    let list = try shop.belay("list")
    #expect(list.output.contains(/restore, \d+ min ago/) && !list.output.contains("FAILED"), "\(list)")
    #expect(try shop.belay("status").status == 0)
  }

  private func proofs(_ shop: Workspace) throws -> String {
    try String(contentsOf: shop.store.appending(path: "proofs/\(shop.latest())"), encoding: .utf8)
  }

  @Test func `because another program has locked it`() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let (id, before) = (try shop.latest(), try proofs(shop))
    let file = open(shop.store.appending(path: "\(id).tar").path, O_RDONLY | O_CLOEXEC)
    try #require(flock(file, LOCK_EX | LOCK_NB) == 0)
    for arguments in [
      ["verify", id, "--level", "manifest"], ["verify", id, "--level", "restore"], ["verify", "--all"],
      ["restore", id, "--into", "sqlite:copy.db"], ["show", id],
    ] {
      let run = try shop.belay(arguments)
      #expect(run.status == 1 && run.errors.contains("is locked by another program"), "\(arguments): \(run)")
    }
    let list = try shop.belay("list")
    #expect(list.output.contains("CANNOT BE READ") && list.output.contains("unknown"), "\(list)")
    try #require(close(file) == 0)
    try expectNoBlame(shop, proofs: before)
  }

  @Test func `because a newer belay has made it`() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let (archive, before) = (shop.store.appending(path: "\(try shop.latest()).tar"), try proofs(shop))
    let good = try Data(contentsOf: archive)
    try shop.changeLatest(#"sed -i 's/"format" : 1,/"format" : 3,/' manifest.json"#)
    let run = try shop.belay("verify", "--all")
    #expect(run.status == 22 && run.errors.contains("made by a newer belay"), "\(run)")
    #expect(try shop.belay("list").output.contains("CANNOT BE READ"))
    try good.write(to: archive)
    try expectNoBlame(shop, proofs: before)
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func `because somebody interrupts it`(signal: Int32, status: Int32) throws {
    let shop = try EncryptedShop()
    // Each is a member, which takes its time.
    try shop.folder.sqlite((1...60).map { "CREATE TABLE more\($0) (x);" }.joined())
    try #require(try shop.folder.belay("backup", "shop", "--identity", "key.txt").status == 0)
    let before = try proofs(shop.folder)
    let path = try shop.standIn(decrypting: "/usr/bin/age \"$@\" | { head -c 9; touch began; sleep 0.2; cat; }")
    let running = try Program.start(
      Program.belay().path, ["verify", "--all", "--level", "read", "--identity", "key.txt"], in: shop.folder.folder,
      environment: path)
    try eventually(thereIs: shop.folder.folder.appending(path: "began"))
    kill(running.process.processIdentifier, signal)
    let run = try running.wait()
    #expect(run.status == status && run.errors.contains("error: interrupted"), "\(run)")
    try expectNoBlame(shop.folder, proofs: before)
  }

  @Test func `because age is killed`() throws {
    let shop = try EncryptedShop()
    try #require(try shop.folder.belay("backup", "shop", "--identity", "key.txt").status == 0)
    let before = try proofs(shop.folder)
    let path = try shop.standIn(decrypting: "kill -9 $$")
    for level in ["read", "restore"] {
      let run = try shop.folder.belay(
        ["verify", "latest", "--level", level, "--identity", "key.txt"], environment: path)
      #expect(run.status == 1 && run.errors.contains("age was killed by signal 9"), "\(run)")
    }
    try expectNoBlame(shop.folder, proofs: before)
  }
}
