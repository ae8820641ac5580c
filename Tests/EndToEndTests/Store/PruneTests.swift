import Foundation
import Testing

@Suite("belay prune, pin, unpin and forget")
struct PruneTests {
  /// Backups of a shop, oldest first: all in one hour, so that `--keep-hourly 1` keeps one.
  private func shop(_ count: Int, verify: String = "read") throws -> (Workspace, [String]) {
    let shop = try Workspace()
    for _ in 0..<count { try #require(try shop.belay("backup", shop.url, "--verify", verify).status == 0) }
    return (shop, try archives(of: shop))
  }

  private func archives(of shop: Workspace) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: shop.store.path).filter { $0.hasSuffix(".tar") }
      .map { String($0.dropLast(4)) }.sorted()
  }

  @Test func `without --confirm nothing is removed, and with it what was said, with its run, and the log tells it`()
    throws
  {
    let (shop, ids) = try shop(3)
    let dry = try shop.belay("prune", "--keep-last", "1")
    #expect(
      dry.status == 0 && dry.output.contains("remove  \(ids[0])") && dry.output.contains("keep    \(ids[2])"), "\(dry)")
    #expect(try archives(of: shop) == ids)
    let run = try shop.belay("prune", "--keep-last", "1", "--confirm")
    #expect(run.status == 0, "\(run)")
    #expect(try archives(of: shop) == [ids[2]])
    for id in ids.prefix(2) {
      for path in ["runs/\(id)", "proofs/\(id)"] {
        #expect(!FileManager.default.fileExists(atPath: shop.store.appending(path: path).path), "\(path)")
      }
    }
    let log = try shop.belay("log")
    for id in ids.prefix(2) { #expect(log.output.contains("removes the archive \(id)"), "\(log)") }
    let check = try shop.belay("log", "--verify")
    #expect(check.status == 0, "\(check)")
  }

  @Test(
    arguments: [
      ["--keep-last", "0"], ["--keep-last", "-1"], ["--keep-daily", "x"], ["--keep-within", "30"],
      ["--keep-within", "0h"], ["--kind", "manuel", "--keep-last", "1"],
    ])
  func `a policy that keeps nothing or makes no sense is refused`(arguments: [String]) throws {
    let shop = try Workspace()
    let run = try shop.belay(["prune", "--confirm"] + arguments)
    #expect(run.status == 64, "\(run)")
  }

  @Test func `the policy of belay.yaml is used, and an empty one is an error on its line`() throws {
    let (shop, ids) = try shop(2)
    try shop.write("retention: { archives: { manual: { keep_last: 1 } } }\n", to: "belay.yaml")
    #expect(try shop.belay("prune", "--confirm").status == 0)
    #expect(try archives(of: shop) == [ids[1]])
    for policy in ["{}", "{ keep_last: 0 }", "{ keep_lest: 1 }", "{ keep_within: 5x }"] {
      try shop.write("retention:\n  archives:\n    manual: \(policy)\n", to: "belay.yaml")
      let run = try shop.belay("prune")
      #expect(run.status == 64 && run.errors.contains("belay.yaml:3"), "\(run)")
    }
  }

  @Test func `a pinned archive stays, for prune and for forget, until it is unpinned`() throws {
    let (shop, ids) = try shop(2)
    #expect(try shop.belay("pin", ids[0], "--reason", "the year's end").status == 0)
    #expect(try shop.belay("list").output.contains("pinned"))
    #expect(try shop.belay("show", ids[0]).output.contains("the year's end"))
    let prune = try shop.belay("prune", "--keep-last", "1", "--confirm")
    #expect(prune.status == 0 && prune.output.contains("pinned by"), "\(prune)")
    let forget = try shop.belay("forget", ids[0], "--confirm")
    #expect(forget.status == 22 && forget.errors.contains("the year's end"), "\(forget)")
    #expect(try archives(of: shop) == ids)
    #expect(try shop.belay("unpin", ids[0]).status == 0)
    #expect(try shop.belay("forget", ids[0]).status == 0)
    #expect(try archives(of: shop) == ids)
    #expect(try shop.belay("forget", ids[0], "--confirm").status == 0)
    #expect(try archives(of: shop) == [ids[1]])
    let last = try shop.belay("forget", ids[1], "--confirm")
    #expect(last.status == 22 && last.errors.contains("--last"), "\(last)")
    #expect(try shop.belay("forget", ids[1], "--confirm", "--last").status == 0)
    #expect(try shop.belay("log", "--verify").status == 0)
  }

  @Test func `after a backup that failed nothing goes until one succeeds, and status says so`() throws {
    let (shop, ids) = try shop(2)
    try FileManager.default.moveItem(at: shop.database, to: shop.folder.appending(path: "away.db"))
    #expect(try shop.belay("backup", shop.url).status != 0)
    let blocked = try shop.belay("prune", "--keep-last", "1", "--confirm")
    #expect(blocked.status == 3, "\(blocked)")
    #expect(try archives(of: shop) == ids)
    let status = try shop.belay("status")
    #expect(status.status == 3 && status.output.contains("failed at"), "\(status)")
    try FileManager.default.moveItem(at: shop.folder.appending(path: "away.db"), to: shop.database)
    #expect(try shop.belay("backup", shop.url, "--verify", "read").status == 0)
    #expect(try shop.belay("status").status == 0)
    #expect(try shop.belay("prune", "--keep-last", "1", "--confirm").status == 0)
    #expect(try archives(of: shop).count == 1)
  }

  @Test func `the newest one proven by restoring stays though newer ones are kept by the rules`() throws {
    let (shop, ids) = try shop(1, verify: "restore")
    for _ in 0..<2 { try #require(try shop.belay("backup", shop.url, "--verify", "read").status == 0) }
    #expect(try shop.belay("prune", "--keep-last", "1", "--confirm").status == 0)
    let left = try archives(of: shop)
    #expect(left.count == 2 && left.contains(ids[0]), "\(left)")
  }

  @Test func `an archive that somebody reads is left, and goes the next time`() throws {
    let (shop, ids) = try shop(2)
    let reader = try FileHandle(forReadingFrom: shop.store.appending(path: "\(ids[0]).tar"))
    try #require(flock(reader.fileDescriptor, LOCK_SH) == 0)
    let busy = try shop.belay("prune", "--keep-last", "1", "--confirm")
    #expect(busy.status == 3 && busy.output.contains("left    \(ids[0])"), "\(busy)")
    #expect(try archives(of: shop) == ids)
    try reader.close()
    #expect(try shop.belay("prune", "--keep-last", "1", "--confirm").status == 0)
    #expect(try archives(of: shop) == [ids[1]])
  }

  /// Whether an archive can be made such that nobody can remove it: by its file system, and as root.
  private static let canFix: Bool = {
    let folder = FileManager.default.temporaryDirectory
    let file = folder.appending(path: "belay-fixed-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: file) }  // it is empty
    guard (try? Data().write(to: file)) != nil, (try? chattr("+i", file, in: folder)) == 0 else { return false }
    return (try? chattr("-i", file, in: folder)) == 0
  }()

  private static func chattr(_ flag: String, _ file: URL, in folder: URL) throws -> Int32 {
    try Program.run("/usr/bin/env", ["chattr", flag, file.path], in: folder).status
  }

  @Test(.enabled(if: canFix))
  func `a removal that fails is an error, and has a line of its own in the log`() throws {
    let (shop, ids) = try shop(2)
    let archive = shop.store.appending(path: "\(ids[0]).tar")
    try #require(try Self.chattr("+i", archive, in: shop.folder) == 0)
    defer { _ = try? Self.chattr("-i", archive, in: shop.folder) }  // else the folder stays
    let run = try shop.belay("prune", "--keep-last", "1", "--confirm")
    #expect(run.status == 1 && run.errors.contains("may still be there"), "\(run)")
    let lines = try shop.belay("log").output.split(separator: "\n").suffix(2)
    #expect(
      lines.first?.contains("exit 0    ") == true && lines.first?.contains("removes the archive \(ids[0])") == true)
    #expect(lines.last?.contains("exit 1    ") == true && lines.last?.contains("has not removed \(ids[0])") == true)
    #expect(try shop.belay("log", "--verify").status == 0)
    #expect(try archives(of: shop) == ids)
    try #require(try Self.chattr("-i", archive, in: shop.folder) == 0)
    #expect(try shop.belay("prune", "--keep-last", "1", "--confirm").status == 0)
    #expect(try archives(of: shop) == [ids[1]])
  }

  /// Before and after the line of the log, after the archive is gone, and after its proofs are.
  @Test(arguments: ["0:before", "0:after", "1:after", "2:after"])
  func `a kill at any moment leaves an archive whole or gone, and the next call removes the rest`(place: String) throws
  {
    let (shop, ids) = try shop(2)
    let killed = try shop.belay(
      ["prune", "--keep-last", "1", "--confirm"], environment: ["BELAY_FAULT": "kill-worker:\(place)"])
    #expect(killed.status == 128 + SIGKILL, "\(killed)")
    if try archives(of: shop).contains(ids[0]) {
      #expect(try shop.belay("verify", ids[0]).status == 0)
    }
    let next = try shop.belay("prune", "--keep-last", "1", "--confirm")
    #expect(next.status == 0, "\(next)")
    #expect(try archives(of: shop) == [ids[1]])
    #expect(!FileManager.default.fileExists(atPath: shop.store.appending(path: "proofs/\(ids[0])").path))
    #expect(try shop.belay("log", "--verify").status == 0)
    #expect(try shop.belay("status").status == 0)
  }

  @Test func `the archive of a failed migration is of its kind, goes after failed_runs, and an open run keeps its own`()
    throws
  {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\nSELECT missing;")
    try #require(try shop.belay("migrate", shop.url, "--yes", "--no-rehearse").status == 30)
    try #require(try shop.belay("backup", shop.url, "--verify", "restore").status == 0)
    #expect(try shop.belay("list", "--kind", "before-migration").output.contains("before-migration"))
    #expect(try shop.belay("prune", "--confirm").output.contains("keep    "))
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    _ = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", environment: ["BELAY_FAULT": "kill-both:8:after"])
    try shop.statusWithoutRunning()
    let before = try archives(of: shop)
    try shop.write(
      "retention: { failed_runs: 0, archives: { before-migration: { keep_last: 1 } } }\n", to: "belay.yaml")
    sleep(1)
    let run = try shop.belay("prune", "--confirm")
    #expect(run.status == 0 && run.output.contains("has not ended"), "\(run)")
    let left = try archives(of: shop)
    let open = try #require(before.last)
    #expect(left.count == before.count - 1 && left.contains(open), "\(before) \(left) \(run)")
    #expect(try shop.belay("recover").status == 0)
    #expect(try shop.belay("log", "--verify").status == 0)
  }
}
