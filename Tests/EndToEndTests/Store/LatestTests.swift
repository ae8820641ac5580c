import Foundation
import Testing

@Suite("Which archive is the latest")
struct LatestTests {
  private func two() throws -> Workspace {
    let shop = try Workspace()
    try shop.write("targets: { shop: sqlite:shop.db, other: sqlite:other.db }\n", to: "belay.yaml")
    try shop.sqlite("CREATE TABLE t (a)", on: shop.folder.appending(path: "other.db"))
    for target in ["shop", "other"] {
      try #require(try shop.belay("backup", target, "--verify", "manifest").status == 0)
    }
    return shop
  }

  @Test("with archives of two targets `latest` is not clear, and names both; with the target's name it is")
  func twoTargets() throws {
    let shop = try two()
    for arguments in [["show", "latest"], ["restore", "latest", "--into", "sqlite:copy.db"], ["verify", "oldest"]] {
      let run = try shop.belay(arguments)
      #expect(run.status == 64, "\(run)")
      for name in ["shop", "other"] { #expect(run.errors.contains(":\(name)"), "\(run)") }
    }
    #expect(try shop.belay("show", "latest:shop").output.contains("sqlite:shop.db"))
    let restore = try shop.belay("restore", "latest:other", "--into", "sqlite:copy.db")
    #expect(restore.status == 0, "\(restore)")
    let missing = try shop.belay("show", "latest:third")
    #expect(missing.status == 10 && missing.errors.contains("no backup of third"), "\(missing)")
  }

  @Test("what belay saved by itself before a rollback is not the latest backup, nor the last good one")
  func savedByItself() throws {
    let shop = try Workspace.plain()
    try shop.migration("1.sql", "-- belay: no-transaction\nDELETE FROM orders;\nSELECT missing;")
    let failed = try shop.belay("migrate", "--yes")
    try #require(failed.status == 30, "\(failed)")
    let names = try shop.listing(shop.store).filter { $0.hasSuffix(".tar") }
    #expect(names.count == 2 && names.contains { $0.contains("before-rollback") })
    let backup = try #require(names.first { !$0.contains("before-rollback") }).dropLast(4)
    #expect(try shop.belay("show", "latest").output.contains(backup))
    #expect(try shop.belay("status").output.contains("last backup  \(backup) "))
  }

  @Test("an archive that has failed its verification is no good backup until another verification finds it good")
  func failedVerification() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url, "--verify", "manifest").status == 0)
    let id = try shop.latest()
    let file = shop.store.appending(path: "\(id).tar")
    let good = try Data(contentsOf: file)
    var bad = good
    bad[good.count / 2] ^= 0xff
    try bad.write(to: file)
    #expect(try shop.belay("verify", id, "--level", "read").status == 21)
    let status = try shop.belay("status")
    #expect(status.status == 3 && !status.output.contains("last backup"), "\(status)")
    #expect(try shop.belay("list").output.contains("FAILED its verification"))
    let latest = try shop.belay("restore", "latest", "--into", "sqlite:copy.db")
    #expect(latest.status == 21 && latest.errors.contains("has failed its verification"), "\(latest)")
    try good.write(to: file)
    #expect(try shop.belay("verify", id, "--level", "read").status == 0)
    #expect(try shop.belay("status").output.contains("last backup  \(id)"))
  }
}
