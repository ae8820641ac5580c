import Foundation
import Testing

@Suite("Bad archives: refused at every level, and by everything that would use them")
struct BadArchiveTests {
  /// A shop with a good archive that was changed.
  private func changed(_ script: String, transform: String = "s,x,x,") throws -> Workspace {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url, "--name", "good").status == 0)
    try shop.changeLatest(script, transform: transform)
    return shop
  }

  /// - Parameter dumpIsWhole: a rollback proves what it restores by the digests, and at 3 a.m. it does not refuse to go
  ///   back because of a member that it does not need.
  private func expectRefusal(_ shop: Workspace, _ says: String, dumpIsWhole: Bool = false, status: Int32 = 21) throws {
    let before = try shop.dump()
    var commands = [
      ["verify", "latest", "--level", "manifest"], ["verify", "latest", "--level", "restore"],
      ["restore", "latest", "--into", "sqlite:copy.db"],
    ]
    if !dumpIsWhole { commands.append(["rollback", "latest"]) }
    for arguments in commands {
      let run = try Program.run(Program.belay().path, arguments, in: shop.folder)
      #expect(run.status == status, "\(arguments): \(run)")
      #expect(run.errors.contains(says), "\(arguments): \(says) is not in \(run)")
    }
    #expect(try shop.dump() == before)
    #expect(!FileManager.default.fileExists(atPath: shop.folder.appending(path: "copy.db").path))
  }

  @Test("put together again unchanged, it is still good")
  func unchanged() throws {
    let run = try changed("true").belay("verify", "latest", "--level", "restore")
    #expect(run.status == 0, "\(run)")
  }

  @Test("a member is missing")
  func missing() throws {
    try expectRefusal(
      try changed("grep -v orders.csv ../names > n; mv n ../names"), "csv/orders.csv.zst", dumpIsWhole: true)
  }

  @Test("a manifest from the future, though nothing speaks against the archive")
  func future() throws {
    try expectRefusal(
      try changed(#"sed -i 's/"format" : 1,/"format" : 3,/' manifest.json"#), "newer belay", status: 22)
  }

  @Test("a member whose name climbs out")
  func climbing() throws {
    try expectRefusal(try changed("true", transform: "s,^README.txt,../README.txt,"), "../README.txt")
  }

  @Test("something was added")
  func added() throws {
    try expectRefusal(try changed("echo hello > more.txt; echo more.txt >> ../names"), "more.txt", dumpIsWhole: true)
  }
}
