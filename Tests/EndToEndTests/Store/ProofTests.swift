import Foundation
import Testing

@Suite("Proofs, kinds and ages of archives")
struct ProofTests {
  @Test func `each proof is recorded with its level, and list, show and status tell the highest`() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url, "--verify", "read").status == 0)
    let id = try shop.latest()
    #expect(try shop.belay("list").output.contains(/read, \d+ min ago/))
    let none = try shop.belay("status", "--max-proof-age", "1d")
    #expect(none.status == 3 && none.output.contains("no backup is proven by restoring"), "\(none)")
    try #require(try shop.belay("verify", id, "--level", "restore").status == 0)
    try #require(try shop.belay("verify", id, "--level", "manifest").status == 0)
    #expect(try shop.belay("list").output.contains(/restore, \d+ min ago/))
    let show = try shop.belay("show", id).output
    for level in ["read", "restore", "manifest"] { #expect(show.contains("\(level)  good"), "\(show)") }
    let status = try shop.belay("status", "--max-proof-age", "1d", "--max-age", "26h")
    #expect(status.status == 0 && status.output.contains(/proof: restore, \d+ min ago/), "\(status)")
    let markdown = try shop.belay("status", "--markdown").output
    #expect(markdown.hasPrefix("| target |") && markdown.contains(/\| restore, \d+ min ago \|/), "\(markdown)")
  }

  @Test func `what a proof said of one archive says nothing of another of its name`() throws {
    let shop = try Workspace()
    for _ in 0..<2 { try #require(try shop.belay("backup", shop.url, "--verify", "restore").status == 0) }
    let files = try FileManager.default.contentsOfDirectory(atPath: shop.store.path).filter { $0.hasSuffix(".tar") }
      .sorted().map { shop.store.appending(path: $0) }
    try FileManager.default.removeItem(at: files[0])
    try FileManager.default.moveItem(at: files[1], to: files[0])
    let list = try shop.belay("list").output
    #expect(list.contains(" none ") && !list.contains("restore,"), "\(list)")
  }

  @Test func `a record of proofs that is damaged speaks against the archive until it is verified again`() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url, "--verify", "read").status == 0)
    let id = try shop.latest()
    try shop.write("{\"level\":\"re", to: "backups/proofs/\(id)")
    let status = try shop.belay("status")
    #expect(status.status == 3 && !status.output.contains("last backup"), "\(status)")
    #expect(try shop.belay("show", id).output.contains("is damaged"))
    #expect(try shop.belay("verify", id).status == 0)
    #expect(try shop.belay("status").status == 0)
  }

  @Test func `what an earlier belay has found wrong still counts, and a good proof ends it`() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url, "--verify", "read").status == 0)
    let id = try shop.latest()
    try FileManager.default.removeItem(at: shop.store.appending(path: "proofs"))
    try shop.folder(of: "backups/failed/\(id)", "csv/t.csv is damaged\n")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o700], ofItemAtPath: shop.store.appending(path: "failed").path)
    #expect(try shop.belay("list").output.contains("FAILED its verification: csv/t.csv is damaged"))
    #expect(try shop.belay("verify", id).status == 0)
    #expect(!(try shop.belay("list").output.contains("FAILED")))
  }

  @Test func `list shows kinds, and filters by target, kind and age`() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try #require(try shop.belay("backup", shop.url, "--verify", "manifest").status == 0)
    try #require(try shop.belay("migrate", shop.url, "--yes").status == 0)
    for (filter, count) in [
      ([], 2), (["--kind", "manual"], 1), (["--kind", "before-migration"], 1), (["--kind", "before-swap"], 0),
      (["--target", shop.url], 2), (["--target", "other"], 0), (["--older-than", "1h"], 0),
      (["--newer-than", "1h"], 2),
    ] {
      let run = try shop.belay(["list", "--json"] + filter)
      #expect(
        run.output.split(separator: "\n").count { $0.contains(#""event":"archive""#) } == count, "\(filter) \(run)")
    }
    for filter in [["--kind", "manuel"], ["--older-than", "soon"]] {
      #expect(try shop.belay(["list"] + filter).status == 64)
    }
    // A migration's archive is a backup: the newest one.
    #expect(try shop.belay("show", "latest").output.contains("kind     before-migration"))
  }

  @Test func `an old backup is told by the status, and of a target without one it is never 0`() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url, "--verify", "manifest").status == 0)
    sleep(1)
    let old = try shop.belay("status", "--max-age", "0")
    #expect(old.status == 3 && old.output.contains("the last backup is older than"), "\(old)")
    #expect(try shop.belay("status", shop.url).status == 0)
    #expect(try shop.belay("status", "nosuch").status == 10)
    #expect(try shop.belay("status", "--max-age", "soon").status == 64)
    try shop.write("targets: { shop: sqlite:shop.db, third: sqlite:third.db }\n", to: "belay.yaml")
    let third = try shop.belay("status", "third", "--max-age", "26h")
    #expect(third.status == 3 && third.output.contains("no backup    third"), "\(third)")
    // Without an age it is asked for its migrations too, and is not there.
    let asked = try shop.belay("status", "third")
    #expect(asked.status == 22 && asked.output.contains("no backup    third"), "\(asked)")
  }
}
