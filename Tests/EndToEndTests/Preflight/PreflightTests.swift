import Foundation
import Testing

@Suite("What the engine knows before a run, and who else is there")
struct PreflightTests {
  private static let sessions = (1...12).map { "\($0)|user\($0)|app\($0)|2026-11-20T10:00:00Z|idle|" }
    .joined(separator: "\n")

  @Test func `the engine's findings stand among belay's own, and an error refuses the run`() throws {
    let shop = try Workspace.swapping()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try shop.write(
      "warning|old-server||the server is old|upgrade it\nerror|no-right|table orders|cannot be read|grant it\n",
      to: "shop.db.preflight")
    for arguments in [["doctor"], ["migrate", "--yes"], ["backup"]] {
      let run = try Program.run(Program.belay().path, arguments, in: shop.folder)
      #expect(run.status == 22, "\(run)")
      #expect(run.errors.contains("swaps:shop.db: the server is old"), "\(run)")
      #expect(run.errors.contains("table orders: cannot be read"), "\(run)")
      #expect(run.errors.contains("grant it"), "\(run)")
    }
    // dump 1, scratch 2, write 4
    #expect(try shop.calls() == ["preflight 7", "preflight 7", "preflight 3"])
  }

  @Test func `others are listed one to a line, and the rest counted`() throws {
    let shop = try Workspace.swapping()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try shop.write(Self.sessions + "\n13||belay|||\n", to: "shop.db.sessions")
    let run = try shop.belay("doctor")
    #expect(run.status == 0, "\(run)")
    #expect(
      run.errors.contains("is also in use by app1 (user user1, idle, since 2026-11-20T10:00:00Z)"), "\(run)")
    #expect(run.errors.contains("app10 ") && !run.errors.contains("app11"), "\(run)")
    #expect(run.errors.contains("is also in use by 2 more"), "\(run)")
  }

  @Test func `a scratch database that may not be made is said with the engine's reason`() throws {
    let shop = try Workspace.swapping()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    for arguments in [["doctor"], ["migrate", "--yes"]] {
      let run = try Program.run(
        Program.belay().path, arguments, in: shop.folder, environment: ["SWAPS_NO_SCRATCH": "1"])
      #expect([0, 3].contains(run.status), "\(run)")
      #expect(run.errors.contains("permission denied to create database"), "\(run)")
      #expect(run.errors.contains("not by restoring"), "\(run)")
    }
  }

  private func ended(_ shop: Workspace) -> String? {
    try? String(contentsOf: shop.folder.appending(path: "shop.db.ended"), encoding: .utf8)  // not there: nobody
  }

  @Test func `--terminate ends the sessions of others right before the change, and never belay's own`() throws {
    let shop = try Workspace.swapping()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try shop.write(
      "7|alice|shell|||\ngone|bob|app|||\n9|belay|belay|||\n10|belay|belay lock|||\n", to: "shop.db.sessions")
    let plan = try shop.belay("migrate", "--plan", "--terminate")
    #expect(plan.status == 0 && ended(shop) == nil, "\(plan)")
    let run = try shop.belay("migrate", "--yes", "--terminate")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(ended(shop) == "7\n")
    #expect(run.errors.contains("ended the session of shell (user alice)"), "\(run)")
    let id = try shop.latest()
    let report = try String(
      contentsOf: shop.store.appending(path: "runs/\(id)/report.md"), encoding: .utf8)
    #expect(report.contains("shell (user alice)"))
    let journal = try String(contentsOf: shop.store.appending(path: "runs/\(id)/journal.ndjson"), encoding: .utf8)
    let steps = journal.split(separator: "\n")
    let ending = try #require(steps.firstIndex { $0.contains("endingSessions") })
    #expect(steps[ending...].contains { $0.contains("\"applying\"") })
    #expect(!steps[..<ending].contains { $0.contains("\"applying\"") })
    let back = try shop.rollback(id, "--terminate")
    #expect(back.status == 0, "\(back)")
    #expect(ended(shop) == "7\n7\n")
  }

  @Test func `without --terminate nobody is ended, and a driver that cannot end sessions refuses it`() throws {
    let shop = try Workspace.swapping()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try shop.write("7|alice|shell|||\n", to: "shop.db.sessions")
    #expect(try [0, 3].contains(shop.belay("migrate", "--yes").status))
    #expect(try shop.rollback(shop.latest()).status == 0)
    #expect(ended(shop) == nil)
    try shop.migration("2.sql", "CREATE TABLE more (name TEXT);")
    let refused = try shop.belay("migrate", "sqlite:shop.db", "--yes", "--terminate")
    #expect(refused.status == 22, "\(refused)")
    #expect(refused.errors.contains("cannot end other sessions"), "\(refused)")
  }
}
