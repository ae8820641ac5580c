import Foundation
import Testing

@Suite("What was there before a swap is kept, and goes when its time is over")
struct PreviousDatabaseTests {
  /// Gone back to a backup, with rows that only the previous database has.
  private func rolledBack(_ configuration: String = "") throws -> (shop: Workspace, run: Program.Outcome) {
    let shop = try Workspace.swapping(configuration: configuration)
    try #require(try shop.belay("backup", "--name", "good").status == 0)
    try shop.sqlite("INSERT INTO log VALUES ('later', 'by others')")
    return (shop, try shop.rollback(try shop.latest()))
  }

  @Test func `a rollback keeps the previous database, and says where and until when`() throws {
    let (shop, run) = try rolledBack()
    #expect(run.status == 0, "\(run)")
    #expect(run.errors.contains("only in an archive"), "\(run)")
    let kept = try shop.beside()
    try #require(kept.count == 1, "\(kept)")
    #expect(run.errors.contains("kept as swaps:\(kept[0]), until 20"), "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM log") == "0")
    #expect(try shop.sqlite("SELECT what FROM log", on: shop.folder.appending(path: kept[0])) == "by others")
    try shop.migration("9.sql", "CREATE TABLE later (a);")  // for doctor
    defer { try? FileManager.default.removeItem(at: shop.folder.appending(path: "migrations/9.sql")) }
    for command in ["status", "doctor"] {
      let told = try shop.belay(command)
      #expect(told.status == 0, "\(told)")
      #expect(told.output.contains("swaps:\(kept[0])"), "\(told)")
    }
    // Its time is not over: neither another run nor recovery drops it.
    #expect(try shop.belay("backup").status == 0)
    #expect(try shop.belay("recover").status == 0)
    #expect(try shop.beside() == kept)
  }

  @Test(arguments: [["backup"], ["recover"], ["migrate", "--yes"]])
  func `when its time is over the next run drops it, and its journal says so`(command: [String]) throws {
    let (shop, run) = try rolledBack("retention:\n  previous_databases: 4s")
    #expect(run.status == 0, "\(run)")
    try #require(try shop.beside().count == 1)
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    sleep(5)
    let next = try Program.run(Program.belay().path, command, in: shop.folder)
    #expect([0, 3].contains(next.status), "\(next)")
    #expect(try shop.beside() == [], "\(next)")
    let status = try shop.belay("status")
    #expect(status.status == 0 && !status.output.contains("kept"), "\(status)")
    #expect(try shop.belay("recover").output.contains("nothing to recover"))
  }

  @Test func `0 keeps none`() throws {
    let (shop, run) = try rolledBack("retention:\n  previous_databases: 0")
    #expect(run.status == 0, "\(run)")
    #expect(!run.errors.contains("previous database"), "\(run)")
    #expect(try shop.beside() == [])
  }

  @Test func `a failed migration that goes back by the backup keeps it too`() throws {
    let shop = try Workspace.swapping()
    let before = try shop.dump()
    try shop.migration("1.sql", "-- belay: no-transaction\nDELETE FROM orders;\nSELECT missing;")
    let run = try shop.belay("migrate", "--yes", "--no-rehearse")
    #expect(run.status == 30, "\(run)")
    #expect(try shop.dump() == before)
    let kept = try shop.beside()
    try #require(kept.count == 1, "\(kept)")
    #expect(try shop.sqlite("SELECT count(*) FROM orders", on: shop.folder.appending(path: kept[0])) == "0")
  }

  /// The journal of an undisturbed rollback, by which the others know where to be killed.
  private func steps() throws -> [String] {
    let (model, run) = try rolledBack()
    try #require(run.status == 0, "\(run)")
    let runs = model.store.appending(path: "runs")
    let newest = try #require(
      try FileManager.default.contentsOfDirectory(atPath: runs.path).filter { $0.contains("rollback") }.max())
    return try String(contentsOf: runs.appending(path: "\(newest)/journal.ndjson"), encoding: .utf8)
      .split(separator: "\n").map(String.init)
  }

  /// A rollback that is killed at a line of its journal, and the recovery from that.
  private func killed(_ victim: String, _ step: Int, _ side: String, configuration: String = "") throws -> (
    shop: Workspace, place: String
  ) {
    let shop = try Workspace.swapping(configuration: configuration)
    try #require(try shop.belay("backup", "--name", "good", "--verify", "read").status == 0)
    try shop.sqlite("INSERT INTO log VALUES ('later', 'by others')")
    let id = try shop.latest()
    let arguments = ["rollback", id, "--yes", "--confirm", try shop.code(for: id)]
    let run = try Program.run(
      Program.belay().path, arguments, in: shop.folder, environment: ["BELAY_FAULT": "\(victim):\(step):\(side)"])
    for name in try FileManager.default.contentsOfDirectory(atPath: shop.store.appending(path: "locks").path) {
      _ = try Program.run("/usr/bin/env", ["flock", "backups/locks/\(name)", "true"], in: shop.folder)
    }
    let recovery = try shop.belay("recover")
    let place = "\(victim) \(side) step \(step)\n\(run)\n--- recover\n\(recovery)"
    #expect(recovery.status == 0, "\(place)")
    return (shop, place)
  }

  /// Killed before and after every line of the journal: after recovery the target is at the backup or as it was, the
  /// content that is no longer in it is in the previous database, and nothing else lies about.
  @Test(arguments: ["kill-worker", "kill-both"])
  func `a kill anywhere loses no previous database and leaves no scratch`(victim: String) throws {
    let count = try steps().count
    try #require(count > 8)
    for step in 2..<count {
      for side in ["before", "after"] {
        let (shop, place) = try killed(victim, step, side)
        let isBack = try shop.sqlite("SELECT count(*) FROM log") == "0"
        let beside = try shop.beside()
        let status = try shop.belay("status")
        #expect(status.status == 0, "\(place)\(status)")
        guard isBack else {
          #expect(beside == [], "\(place)")
          continue
        }
        let found = try beside.map { try shop.sqlite("SELECT what FROM log", on: shop.folder.appending(path: $0)) }
        #expect(found == ["by others"], "\(place)")
        #expect(beside.allSatisfy { status.output.contains("swaps:\($0)") }, "\(place)\n\(status)")
      }
    }
  }

  @Test(arguments: ["keepingPrevious", "keptPrevious", "rolledBack"], ["before", "after"])
  func `one that was swapped when the run was killed goes when its time is over`(word: String, side: String) throws {
    let step = try #require(try steps().firstIndex { $0.contains("\"\(word)\"") })
    let (shop, place) = try killed("kill-both", step, side, configuration: "retention:\n  previous_databases: 4s")
    sleep(5)
    #expect(try shop.belay("recover").status == 0)
    #expect(try shop.beside() == [], "\(place)")
    #expect(try shop.sqlite("SELECT count(*) FROM log") == "0")
  }
}
