import Foundation
import Testing

/// A backup is taken, and restoring it for the proof fails: by the engine for tests, whose calls fail with the code of the
/// ABI that SWAPS_FAILS names.
@Suite("A backup whose proof fails")
struct UnprovenTests {
  private static let commands = [["backup", "--verify", "restore"], ["migrate", "--yes"]]

  private func shop(_ configuration: String = "") throws -> Workspace {
    let shop = try Workspace.swapping(configuration: configuration)
    try shop.migration("1.sql", "CREATE TABLE tags (name text);")
    return shop
  }

  @Test(
    "by a full disk, a lock, a right or the network: it says nothing of the backup, which is kept and can be proven later",
    arguments: [3, 4, 6, 7, 9], commands)
  func circumstances(code: Int, command: [String]) throws {
    let shop = try shop()
    let before = try shop.dump()
    let run = try shop.belay(command, environment: ["SWAPS_FAILS": "restore:\(code)"])
    let id = try shop.latest()
    #expect(run.status == 1, "\(run)")
    #expect(run.errors.contains("it fails by SWAPS_FAILS") && run.errors.contains("is untouched"), "\(run)")
    #expect(run.errors.contains("the archive \(id) is kept"), "\(run)")
    #expect(run.errors.contains("belay verify \(id) --level restore"), "\(run)")
    #expect(!run.output.contains("verified"), "\(run)")
    #expect(try shop.dump() == before)
    #expect(try shop.beside() == [], "\(run)")
    let verify = try shop.belay("verify", id, "--level", "restore")
    #expect(verify.status == 0, "\(verify)")
  }

  @Test(
    "by what it holds: it is set aside, and nobody takes it for a backup",
    arguments: ["restore:2", "restore:10", "restore:11", "restore:12", "restore:13"], commands)
  func content(fault: String, command: [String]) throws {
    // A dump that the engine itself refuses is not the only way back for a migration: see below.
    let isRefused = command.contains("migrate") && (fault == "restore:10" || fault == "restore:11")
    let shop = try shop(isRefused ? "formats: [native]" : "")
    try expectSetAside(try shop.belay(command, environment: ["SWAPS_FAILS": fault]), shop)
  }

  @Test("by what it holds, where rows are loaded and no dump", arguments: ["execute:10", "execute:11"], commands)
  func rows(fault: String, command: [String]) throws {
    let shop = try shop("formats: [csv]")
    try expectSetAside(try shop.belay(command, environment: ["SWAPS_FAILS": fault]), shop)
  }

  private func expectSetAside(_ run: Program.Outcome, _ shop: Workspace) throws {
    #expect(run.status == 21, "\(run)")
    let archives = try shop.listing(shop.store).filter { $0.contains(".tar") }
    #expect(archives.count == 1 && archives.allSatisfy { $0.hasSuffix(".tar.unverified") }, "\(archives)")
    #expect(run.errors.contains("is kept as") && run.errors.contains("is untouched"), "\(run)")
    #expect(try shop.beside() == [], "\(run)")
    let verify = try shop.belay("verify", "latest")
    #expect(verify.status == 10, "\(verify)")
  }

  @Test("by a dump that the engine refuses: a migration goes on where schema and rows restore, and says what it did")
  func rowsInstead() throws {
    for fault in ["restore:10", "restore:11"] {
      let shop = try shop()
      let run = try shop.belay("migrate", "--yes", environment: ["SWAPS_FAILS": fault])
      #expect(run.status == 3, "\(run)")
      #expect(run.errors.contains("restores by its schema and rows"), "\(run)")
      #expect(try shop.beside() == [], "\(run)")
      let rollback = try shop.belay("rollback", "latest", environment: ["SWAPS_FAILS": fault])
      #expect(rollback.errors.contains("restores by its schema and rows"), "\(rollback)")
    }
  }

  @Test("the same in `belay verify`: the archive keeps its name, and the status says what happened")
  func again() throws {
    let shop = try shop()
    try #require(try shop.belay("backup").status == 0)
    for (fault, status) in [("restore:6", Int32(1)), ("restore:12", 21), ("", 0)] {
      let run = try shop.belay("verify", "latest", "--level", "restore", environment: ["SWAPS_FAILS": fault])
      #expect(run.status == status, "\(run)")
    }
  }
}
