import Foundation
import Testing

/// SIGKILL of worker, front and both, before and after every line of the journal: the database is as before or as
/// after, never between, once `belay recover` has run.
@Suite("kill -9 at every journaled step", .serialized)
struct KillTests {
  private static let victims = ["kill-worker", "kill-front", "kill-both"]

  @Test("of a migration in one transaction", arguments: victims)
  func migration(victim: String) throws {
    try killEverywhere(victim) { shop in
      try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\nDELETE FROM orders WHERE id < 11;")
      return ["migrate", shop.url, "--yes"]
    }
  }

  @Test("of a migration in several transactions and outside", arguments: victims)
  func migrations(victim: String) throws {
    try killEverywhere(victim) { shop in
      try shop.migration("1.sql", "DELETE FROM orders WHERE id < 11;")
      try shop.migration("2.sql", "PRAGMA foreign_keys=OFF;\nCREATE TABLE tags (name TEXT);")
      try shop.migration("3.sql", "-- belay: no-transaction\nDELETE FROM log;\nINSERT INTO log VALUES (1, 2);")
      return ["migrate", shop.url, "--yes", "--no-rehearse"]
    }
  }

  @Test("of a migration that fails outside a transaction and goes back", arguments: victims)
  func failing(victim: String) throws {
    try killEverywhere(victim) { shop in
      try shop.migration("1.sql", "-- belay: no-transaction\nDELETE FROM orders;\nSELECT nothing;")
      return ["migrate", shop.url, "--yes", "--no-rehearse"]
    }
  }

  @Test("of a rollback", arguments: victims)
  func rollback(victim: String) throws {
    try killEverywhere(victim) { shop in
      try #require(try shop.belay("backup", shop.url, "--name", "good").status == 0)
      let id = try shop.latest()
      try shop.sqlite("DELETE FROM orders WHERE id < 50; INSERT INTO log VALUES (1, 2);")
      let plan = try shop.belay("rollback", id)
      let code = String(try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)").0)
      return ["rollback", id, "--yes", "--confirm", code]
    }
  }

  /// Runs the command once undisturbed to learn how many steps it has and what it leads to; then once per step and side,
  /// each time on the same files.
  private func killEverywhere(_ victim: String, _ prepare: (Workspace) throws -> [String]) throws {
    let shop = try Workspace()
    let arguments = try prepare(shop)
    let before = try shop.sqlite(".dump")
    let saved = shop.folder.appending(path: "../\(shop.folder.lastPathComponent)-saved").standardizedFileURL
    try FileManager.default.copyItem(at: shop.folder, to: saved)
    defer { try? FileManager.default.removeItem(at: saved) }

    let undisturbed = try Program.run(Program.belay().path, arguments, in: shop.folder)
    let after = Self.withoutLedgerTimes(try shop.sqlite(".dump"))
    let steps = try Self.steps(shop)
    try #require(steps > 5, "\(undisturbed)")

    for step in 0..<steps {
      for side in ["before", "after"] {
        try Self.putBack(shop, from: saved)
        let run = try Program.run(
          Program.belay().path, arguments, in: shop.folder, environment: ["BELAY_FAULT": "\(victim):\(step):\(side)"])
        try Self.waitForWorker(shop)
        let recovery = try shop.belay("recover")
        let place = "\(victim) \(side) step \(step)\n\(run)\n--- recover\n\(recovery)"
        #expect(recovery.status == 0, "\(place)")
        let state = try shop.sqlite(".dump")
        #expect(state == before || Self.withoutLedgerTimes(state) == after, "\(place)")
        #expect(try shop.sqlite("PRAGMA integrity_check") == "ok", "\(place)")
        let left = try FileManager.default.subpathsOfDirectory(atPath: shop.folder.path)
          .filter {
            $0.hasSuffix(".partial") || $0.contains("scratch/") || $0.contains("staging/") || $0.contains(".belay")
          }
        #expect(left == [], "\(place)")
        #expect(try shop.belay("status").status == 0, "\(place)")
      }
    }
  }

  private static func steps(_ shop: Workspace) throws -> Int {
    let runs = shop.store.appending(path: "runs")
    let newest = try #require(
      try FileManager.default.contentsOfDirectory(atPath: runs.path).max { left, right in
        let dates = try? [left, right].map {
          try FileManager.default.attributesOfItem(atPath: runs.appending(path: $0).path)[.modificationDate] as? Date
        }
        return (dates?[0] ?? .distantPast) < (dates?[1] ?? .distantPast)
      })
    let journal = try String(contentsOf: runs.appending(path: "\(newest)/journal.ndjson"), encoding: .utf8)
    return journal.split(separator: "\n").count
  }

  /// Same names, old contents: the rollback's code is of the path's identity too.
  private static func putBack(_ shop: Workspace, from saved: URL) throws {
    let files = FileManager.default
    for name in try files.contentsOfDirectory(atPath: shop.folder.path) {
      try files.removeItem(at: shop.folder.appending(path: name))
    }
    for name in try files.contentsOfDirectory(atPath: saved.path) {
      try files.copyItem(at: saved.appending(path: name), to: shop.folder.appending(path: name))
    }
  }

  /// A worker whose front was killed goes back by itself; its lock says when it is done.
  private static func waitForWorker(_ shop: Workspace) throws {
    let locks = shop.store.appending(path: "locks")
    for name in (try? FileManager.default.contentsOfDirectory(atPath: locks.path)) ?? [] {
      _ = try Program.run("/usr/bin/env", ["flock", locks.appending(path: name).path, "true"], in: shop.folder)
    }
  }

  private static func withoutLedgerTimes(_ dump: String) -> String {
    dump.replacing(#/INSERT INTO belay_migrations VALUES\('([^']*)'.*/#) { "ledger \($0.output.1)" }
  }
}
