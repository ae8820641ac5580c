import Foundation
import Testing

@Suite("An archive that the store has not made")
struct StrangeArchiveTests {
  /// A shop with an empty store of its own, and an archive of the shop that another store has made.
  private func shop() throws -> (Workspace, id: String) {
    let shop = try Workspace()
    let backup = try shop.belay("backup", shop.url, "--store", "other")
    try #require(backup.status == 0, "\(backup)")
    try #require(try shop.belay("backup", shop.url, "--name", "own").status == 0)
    let names = try FileManager.default.contentsOfDirectory(atPath: shop.folder.appending(path: "other").path)
    let name = try #require(names.first { $0.hasSuffix(".tar") })
    try FileManager.default.copyItem(
      at: shop.folder.appending(path: "other/\(name)"), to: shop.store.appending(path: name))
    return (shop, String(name.dropLast(4)))
  }

  @Test(arguments: [
    ["list"], ["show", "ID"], ["verify", "ID", "--level", "manifest"], ["verify", "ID"],
    ["extract", "ID", "--table", "orders"],
  ])
  func `is looked at without more`(_ command: [String]) throws {
    let (shop, id) = try shop()
    let run = try shop.belay(command.map { $0.replacing("ID", with: id) })
    #expect(run.status == 0, "\(run)")
    #expect(command[0] != "show" || run.output.contains("not made by this store"), "\(run)")
  }

  @Test(arguments: [
    ["verify", "ID", "--level", "restore"], ["restore", "ID", "--into", "sqlite:copy.db"],
    ["restore", "ID", "--into", "sqlite:shop.db", "--table", "orders"],
    ["extract", "ID", "--table", "orders", "--where", "id=1"], ["rollback", "ID", "--yes"],
    ["migrate", "sqlite:shop.db", "--backup", "ID", "--yes"],
    ["restore", "backups/ID.tar", "--into", "sqlite:copy.db"],
  ])
  func `is restored only with --trust, after a line that says what that means`(_ command: [String]) throws {
    let (shop, id) = try shop()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    let before = try shop.dump()
    let arguments = command.map { $0.replacing("ID", with: id) }
    let refused = try shop.belay(arguments)
    #expect(refused.status == 22, "\(refused)")
    #expect(refused.errors.contains("this store has not made the archive \(id)"), "\(refused)")
    #expect(refused.errors.contains("--trust"), "\(refused)")
    #expect(try shop.dump() == before)
    #expect(!FileManager.default.fileExists(atPath: shop.folder.appending(path: "copy.db").path))
    let trusted = try shop.belay(arguments + ["--trust"])
    // 12: the code of the rollback is still missing; 22: a table that is full is not filled again.
    #expect([0, 3, 12, 22].contains(trusted.status), "\(trusted)")
    #expect(trusted.errors.contains("what it contains is run all the same"), "\(trusted)")
    #expect(trusted.status != 22 || trusted.errors.contains("already contains"), "\(trusted)")
    // The store remembers it.
    let again = try shop.belay("verify", id, "--level", "restore")
    #expect(again.status == 0 && !again.errors.contains("this store has not made"), "\(again)")
  }

  @Test func `that was changed after it was made is one`() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let id = try shop.latest()
    let signature = shop.store.appending(path: "signatures/\(id)")
    var text = try String(contentsOf: signature, encoding: .utf8)
    text = (text.hasPrefix("0") ? "1" : "0") + text.dropFirst()
    try Data(text.utf8).write(to: signature)
    let run = try shop.belay("verify", id, "--level", "restore")
    #expect(run.status == 22 && run.errors.contains("was changed since"), "\(run)")
  }

  @Test func `is what all archives of an older belay's store are, until somebody vouches for them`() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    for name in ["signatures", "signing-key"] {
      try FileManager.default.removeItem(at: shop.store.appending(path: name))
    }
    let run = try shop.belay("verify", "latest", "--level", "restore")
    #expect(run.status == 22 && run.errors.contains("has no key"), "\(run)")
    #expect(try shop.belay("verify", "latest", "--level", "restore", "--trust").status == 0)
    #expect(try shop.belay("restore", "latest", "--into", "sqlite:copy.db").status == 0)
  }

  @Test func `is not restored by a recovery without --trust`() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "-- belay: no-transaction\nDELETE FROM log;\nCREATE TABLE tags (name TEXT);")
    let before = try shop.dump()
    _ = try shop.belay(
      "migrate", shop.url, "--yes", "--no-rehearse", "--allow-loss", "log",
      environment: ["BELAY_FAULT": "kill-both:9:after"])
    try shop.statusWithoutRunning()
    try FileManager.default.removeItem(at: shop.store.appending(path: "signatures"))
    let refused = try shop.belay("recover")
    #expect(refused.status == 22, "\(refused)")
    #expect(refused.errors.contains("--trust"), "\(refused)")
    let recovered = try shop.belay("recover", "--trust")
    #expect(recovered.status == 0, "\(recovered)")
    #expect(try shop.dump() == before)
  }

  /// A trigger, and statements that an archive of belay's never has, in the schema of a stranger's archive.
  @Test(arguments: [
    "ATTACH DATABASE 'FOLDER/victim.db' AS v", "VACUUM INTO 'FOLDER/victim.db'",
    "CREATE TABLE x(a); ATTACH 'FOLDER/victim.db' AS v",
  ])
  func `reaches nothing beyond its copy even with --trust`(_ statement: String) throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let id = try shop.latest()
    try ArchiveForgery.addSetting(
      statement.replacing("FOLDER", with: shop.folder.path), to: shop.store.appending(path: "\(id).tar"))
    for command in [
      ["verify", id, "--level", "restore"], ["restore", id, "--into", "sqlite:copy.db"],
      ["extract", id, "--table", "orders", "--where", "1=1"],
    ] {
      let refused = try shop.belay(command)
      #expect(refused.status == 22, "\(refused)")
      let trusted = try shop.belay(command + ["--trust"])
      #expect([0, 1, 21].contains(trusted.status), "\(trusted)")
      #expect(command[0] == "extract" || trusted.errors.contains("which belay never writes"), "\(trusted)")
      #expect(!FileManager.default.fileExists(atPath: shop.folder.appending(path: "victim.db").path))
      // So that the next command meets a stranger again.
      try FileManager.default.removeItem(at: shop.store.appending(path: "signatures"))
    }
    // Reading it runs nothing, so that it is sound.
    #expect(try shop.belay("verify", id, "--level", "read").status == 0)
  }
}
