import Foundation
import Testing

@Suite("All archives of a store are verified")
struct StoreVerificationTests {
  /// The ids of the archives in the order in which they were verified.
  private static func order(_ run: Program.Outcome) -> [String] {
    run.output.split(separator: "\n").compactMap { line in
      guard let end = line.range(of: ": good, level ") else { return nil }
      return String(line[..<end.lowerBound])
    }
  }

  @Test func `first what was never proven, the newest before the others, then the oldest proof`() throws {
    let shop = try Workspace()
    for name in ["a", "b", "c", "d"] {
      let level = name == "b" ? "restore" : "manifest"
      try #require(try shop.belay("backup", shop.url, "--name", name, "--verify", level).status == 0)
    }
    let ids = try FileManager.default.contentsOfDirectory(atPath: shop.store.path).filter { $0.hasSuffix(".tar") }
      .map { String($0.dropLast(4)) }.sorted()
    try #require(try shop.belay("verify", ids[0], "--level", "restore").status == 0)
    let proofs = shop.store.appending(path: "proofs/\(ids[1])")
    let old = try String(contentsOf: proofs, encoding: .utf8).replacing(
      try Regex(#""at":"[^"]*""#), with: #""at":"2020-01-01T00:00:00Z""#)
    try Data(old.utf8).write(to: proofs)
    let run = try shop.belay("verify", "--all", "--level", "restore")
    #expect(run.status == 0 && run.errors.contains("verified 4 of 4 archives"), "\(run)")
    #expect(Self.order(run) == [ids[3], ids[2], ids[1], ids[0]], "\(run)")
    #expect(try shop.belay("list").output.split(separator: "\n").count { $0.contains(/restore, \d+ min ago/) } == 4)
    // Nothing is begun when the time is up; the next call begins with what waits longest.
    let none = try shop.belay("verify", "--all", "--level", "restore", "--budget", "0")
    #expect(none.status == 0 && none.errors.contains("verified 0 of 4 archives; the next"), "\(none)")
    #expect(Self.order(none).isEmpty)
  }

  @Test func `one that is bad does not keep the others from being verified, and is told by the exit status`() throws {
    let shop = try Workspace()
    for name in ["a", "b", "c"] {
      try #require(try shop.belay("backup", shop.url, "--name", name, "--verify", "manifest").status == 0)
    }
    let files = try FileManager.default.contentsOfDirectory(atPath: shop.store.path).filter { $0.hasSuffix(".tar") }
      .sorted().map { shop.store.appending(path: $0) }
    var bytes = try Data(contentsOf: files[1])
    bytes[bytes.count / 2] ^= 0xff
    try bytes.write(to: files[1])
    try Data("no archive".utf8).write(to: files[2])
    for level in ["read", "restore"] {
      let run = try shop.belay("verify", "--all", "--level", level)
      #expect(run.status == 21 && run.errors.contains("verified 3 of 3 archives; 2 are not good"), "\(level) \(run)")
      #expect(Self.order(run) == [files[0].deletingPathExtension().lastPathComponent], "\(run)")
    }
    #expect(try shop.belay("list").output.contains("FAILED"))
  }

  @Test func `only those of a target, where one is named`() throws {
    let shop = try Workspace()
    _ = try shop.sqlite("CREATE TABLE t (x);", on: shop.folder.appending(path: "other.db"))
    try #require(try shop.belay("backup", shop.url, "--verify", "manifest").status == 0)
    try #require(try shop.belay("backup", "sqlite:other.db", "--verify", "manifest").status == 0)
    let run = try shop.belay("verify", "--all", "--target", "sqlite:other.db")
    #expect(run.status == 0 && run.errors.contains("verified 1 of 1 archive"), "\(run)")
    #expect(try shop.belay("verify", "--all", "--target", "nosuch").status == 10)
    for wrong in [["verify"], ["verify", "latest", "--all"], ["verify", "latest", "--budget", "1h"]] {
      #expect(try shop.belay(wrong).status == 64)
    }
    #expect(try shop.belay("verify", "--all", "--budget", "soon").status == 64)
  }
}
