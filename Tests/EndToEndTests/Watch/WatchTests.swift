import DriverTesting
import Foundation
import Testing

@Suite("belay watch")
struct WatchTests {
  @Test func `over 200 rounds each change is told once, and neither memory nor descriptors grow`() throws {
    let watched = try WatchedShop()
    let running = try watched.start("--every", "5ms", "--count", "200")
    defer { running.process.end() }
    let id = running.process.processIdentifier
    func descriptors() throws -> Int {
      // A round that goes on has a worker and its pipes.
      try (0..<50).map { _ in
        usleep(1000)
        return try FileManager.default.contentsOfDirectory(atPath: "/proc/\(id)/fd").count
      }.min() ?? 0
    }
    func residentPages() throws -> Int {
      let fields = try String(contentsOfFile: "/proc/\(id)/statm", encoding: .utf8).split(separator: " ")
      return Int(try #require(fields.dropFirst().first)) ?? 0
    }
    try watched.wait(untilRound: 20, running)
    let (files, pages) = (try descriptors(), try residentPages())
    try watched.sql("DELETE FROM things WHERE id > 18")
    try watched.wait(untilRound: 50, running)
    try watched.sql("INSERT INTO things VALUES (19), (20)")
    try watched.wait(untilRound: 80, running)
    try watched.sql("UPDATE knob SET n = 100000000000")
    try watched.wait(untilRound: 83, running)
    try watched.sql("UPDATE knob SET n = 0")
    try watched.wait(untilRound: 180, running)
    // One that stayed behind in each round would be more than a hundred.
    #expect(try descriptors() <= files + 8)
    // Pages of 4 KiB: an allocator keeps some, a leak of a round's results would be more.
    #expect(try residentPages() - pages < 1500, "\(pages) pages at first")
    let outcome = try running.wait()
    #expect(outcome.status == 0, "\(outcome)")
    #expect(
      WatchedShop.changes(outcome) == [
        "things: ok -> failed: 18 rows, expected at least 20 rows", "things: failed -> ok: 20 rows",
        "knob: ok -> error: it took more than 1 s and was ended", "knob: error -> ok: no rows",
      ], "\(outcome)")
    #expect(try watched.rounds() == Array(1...200))
  }

  @Test func `kill -9 loses no history, and what changed meanwhile is told once`() throws {
    let watched = try WatchedShop()
    let first = try watched.start("--every", "10ms")
    try watched.wait(untilRound: 10, first)
    first.process.end()
    let last = try #require(try watched.rounds().last)
    _ = try first.wait()
    try watched.sql("DELETE FROM things WHERE id > 18")
    let second = try watched.shop.belay("watch", "--count", "2", "--every", "10ms")
    #expect(second.status == 31, "\(second)")
    #expect(
      WatchedShop.changes(second) == ["things: ok -> failed: 18 rows, expected at least 20 rows"], "\(second)")
    #expect(try watched.rounds() == Array(1...last + 2))
  }

  @Test func `it stops on a signal with 0, and one target is watched once`() throws {
    let watched = try WatchedShop()
    let first = try watched.start("--every", "1h")
    defer { first.process.end() }
    try watched.wait(untilRound: 1, first)
    let second = try watched.shop.belay("watch", "shop", "--count", "1")
    #expect(second.status == 11 && second.errors.contains("is watched already, by process"), "\(second)")
    kill(first.process.processIdentifier, SIGTERM)
    let outcome = try first.wait()
    #expect(outcome.status == 0 && outcome.errors.contains("stopped after 1 round"), "\(outcome)")
  }

  @Test func `a damaged history is set aside and said; a clock that was set back too`() throws {
    let watched = try WatchedShop()
    try watched.shop.belay("watch", "--count", "1")
    let path = try watched.history()
    try Data("no history\n".utf8).write(to: path)
    #expect(chmod(path.path, 0o600) == 0)
    let damaged = try watched.shop.belay("watch", "--count", "1")
    #expect(damaged.status == 0 && damaged.errors.contains("is damaged: it is set aside as"), "\(damaged)")
    #expect(try watched.rounds() == [1])
    let later = try String(contentsOf: path, encoding: .utf8).replacing(#/"at":"\d+/#, with: "\"at\":\"2099")
    try Data(later.utf8).write(to: path)
    #expect(chmod(path.path, 0o600) == 0)
    let back = try watched.shop.belay("watch", "--count", "1")
    #expect(back.status == 0 && back.errors.contains("the clock was set back by"), "\(back)")
    #expect(try watched.rounds() == [1, 2])
  }

  @Test func `a target that cannot be opened is one change, and its checks stand as before`() throws {
    let watched = try WatchedShop()
    let file = watched.shop.database
    let aside = watched.shop.folder.appending(path: "aside.db")
    let running = try watched.start("--every", "20ms", "--count", "30")
    defer { running.process.end() }
    try watched.wait(untilRound: 3, running)
    try FileManager.default.moveItem(at: file, to: aside)
    try watched.wait(untilRound: 10, running)
    try FileManager.default.moveItem(at: aside, to: file)
    let outcome = try running.wait()
    let changes = WatchedShop.changes(outcome)
    #expect(changes.count == 2, "\(outcome)")
    #expect(changes.first?.hasPrefix("connection: ok -> failed: cannot open") == true, "\(outcome)")
    #expect(changes.last == "connection: failed -> ok: open", "\(outcome)")
  }

  @Test func `the age of the last backup and of its proof are watched`() throws {
    let watched = try WatchedShop(watch: "watch: {max_age: 1d, max_proof_age: 31d}\n")
    let none = try watched.shop.belay("watch", "--count", "1")
    #expect(
      WatchedShop.changes(none) == [
        "last backup: failed: no backup, expected within 1 d",
        "last proof: failed: no backup is proven by restoring, expected within 31 d",
      ], "\(none)")
    try watched.shop.belay("backup")
    let made = try watched.shop.belay("watch", "--count", "1")
    #expect(made.status == 0 && WatchedShop.changes(made).count == 2, "\(made)")
    usleep(2_000_000)
    let old = try watched.shop.belay("watch", "--count", "1", "--max-age", "1s")
    #expect(old.status == 31 && old.output.contains("last backup: ok -> failed"), "\(old)")
  }

  @Test func `archives that no rule keeps are watched, so that a prune that does not run is noticed`() throws {
    let watched = try WatchedShop(
      watch: "watch: {max_removable: 1}\nretention: {archives: {manual: {keep_last: 1}}}\n")
    for _ in 0..<2 { try watched.shop.belay("backup") }
    let few = try watched.shop.belay("watch", "--count", "1")
    #expect(few.status == 0 && WatchedShop.changes(few).isEmpty, "\(few)")
    try watched.shop.belay("backup")
    let many = try watched.shop.belay("watch", "--count", "1")
    let change = try #require(WatchedShop.changes(many).first, "\(many)")
    #expect(change.hasPrefix("retention: ok -> failed: 2 archives to remove, "), "\(many)")
    #expect(change.hasSuffix("expected at most 1"), "\(many)")
    try watched.shop.belay("prune", "--confirm")
    let pruned = try watched.shop.belay("watch", "--count", "1")
    #expect(WatchedShop.changes(pruned) == ["retention: failed -> ok: nothing to remove"], "\(pruned)")
    #expect(try watched.shop.belay("watch", "--count", "1", "--max-removable", "-1").status == 64)
  }

  @Test func `a text file for Prometheus is written whole, with names escaped`() throws {
    let watched = try WatchedShop(checks: "checks: [{name: 'a\"\\b', exists: customers}, {exists: nowhere}]\n")
    try watched.shop.belay("backup")
    let run = try watched.shop.belay("watch", "--count", "1", "--prometheus", "belay.prom", "--json")
    #expect(run.status == 31 && run.output.contains(#""event":"check_change""#), "\(run)")
    let text = try String(contentsOf: watched.shop.folder.appending(path: "belay.prom"), encoding: .utf8)
    for line in [
      #"belay_check_status{target="shop",check="a\"\\b"} 0"#,
      #"belay_check_status{target="shop",check="exists nowhere"} 2"#,
      "# TYPE belay_check_duration_seconds gauge",
    ] { #expect(text.contains(line + "\n"), "\(text)") }
    for name in [
      "belay_last_backup_success_timestamp_seconds", "belay_last_proof_success_timestamp_seconds",
      "belay_backup_size_bytes", "belay_removable_archives", "belay_removable_bytes",
    ] {
      #expect(text.contains("\n\(name){target=\"shop\"} "), "\(name)")
    }
    let missing = try watched.shop.belay("watch", "--count", "1", "--prometheus", "nowhere/belay.prom")
    #expect(missing.status == 31 && missing.errors.contains("nowhere/belay.prom: No such file"), "\(missing)")
  }
}
