import DriverTesting
import Foundation
import Testing

/// A shop that is watched, and what its history says.
final class WatchedShop {
  let shop: Workspace

  /// A check that holds while there are 20 things, and one that runs until its limit while `knob` is large.
  static let checks = """
    checks:
      - {name: things, row_count: {table: things, min: 20}}
      - name: knob
        sql: >-
          WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < (SELECT n FROM knob))
          SELECT 1 FROM n WHERE i < 0
        timeout: 1s

    """

  init(checks: String = WatchedShop.checks, watch: String = "") throws {
    shop = try Workspace()
    try shop.sqlite(
      """
      PRAGMA journal_mode = wal;
      CREATE TABLE knob (n); INSERT INTO knob VALUES (0);
      CREATE TABLE things AS SELECT id FROM customers;
      """)
    try shop.write("targets: {shop: sqlite:shop.db}\n\(checks)\(watch)", to: "belay.yaml")
  }

  func sql(_ sql: String) throws { try shop.sqlite(".timeout 5000\n" + sql) }

  func start(_ arguments: String...) throws -> Program.Running {
    try Program.start(Program.belay().path, ["watch"] + arguments, in: shop.folder)
  }

  private var folder: URL { shop.store.appending(path: "watch") }

  /// The rounds in the history, whole lines alone.
  func rounds() throws -> [Int] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
    guard let name = names.first(where: { $0.hasPrefix("shop-") && $0.hasSuffix(".ndjson") }) else { return [] }
    let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    return text.split(separator: "\n").compactMap { line in
      line.firstMatch(of: #/"round":(\d+)}$/#).flatMap { Int($0.1) }
    }
  }

  func wait(untilRound round: Int, _ running: Program.Running) throws {
    try eventually("round \(round)") {
      if try rounds().last ?? 0 >= round { return true }
      try #require(running.process.isRunning, "round \(round) was not reached")
      return false
    }
  }

  /// The history's file.
  func history() throws -> URL {
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path)
    return folder.appending(path: try #require(names.first { $0.hasPrefix("shop-") && $0.hasSuffix(".ndjson") }))
  }

  /// What was said of changes, without the moments and how long something lasted.
  static func changes(_ outcome: Program.Outcome) -> [String] {
    outcome.output.split(separator: "\n").map {
      String($0).replacing(#/^\S+Z  shop: /#, with: "").replacing(#/, after \d+ \w+/#, with: "")
    }
  }
}
