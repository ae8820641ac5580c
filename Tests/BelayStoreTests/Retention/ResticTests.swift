import BelayBase
import BelayStore
import CoreTesting
import Foundation
import SystemPackage
import Testing

/// belay's rules have restic's names, so they must mean the same.
@Suite("The rules of retention are restic's")
struct ResticTests {
  /// Several a day, gaps, the ends of months and years, weeks across the new year, a leap day, both sides of midnight.
  static let moments = [
    "2023-12-31T23:59:59Z", "2024-01-01T00:00:00Z", "2024-02-29T12:00:00Z", "2024-03-01T00:30:00Z",
    "2024-12-29T23:00:00Z", "2024-12-30T01:00:00Z", "2024-12-31T22:00:00Z", "2025-01-01T03:00:00Z",
    "2025-01-05T23:59:59Z", "2025-01-06T00:00:00Z", "2025-02-28T09:00:00Z", "2025-03-31T10:00:00Z",
    "2025-05-01T03:00:00Z", "2025-05-30T03:00:00Z", "2025-05-31T03:00:00Z", "2025-05-31T03:20:00Z",
    "2025-05-31T04:10:00Z", "2025-05-31T21:00:00Z", "2025-06-01T03:00:00Z",
  ]

  struct Flags: Sendable, CustomTestStringConvertible {
    var counts: [RetentionPolicy.Rule: RetentionPolicy.Count] = [:]
    var within: String?

    var testDescription: String { arguments.joined(separator: " ") }

    var arguments: [String] {
      RetentionPolicy.Rule.allCases.flatMap { rule -> [String] in
        switch counts[rule] {
        case .most(let count)?: ["--keep-\(rule.rawValue)", "\(count)"]
        case .unlimited?: ["--keep-\(rule.rawValue)", "-1"]
        case nil: []
        }
      } + (within.map { ["--keep-within", $0] } ?? [])
    }
  }

  static let flags = [
    Flags(counts: [.last: .most(3)]), Flags(counts: [.hourly: .most(3)]), Flags(counts: [.daily: .most(4)]),
    Flags(counts: [.weekly: .most(5)]), Flags(counts: [.weekly: .most(100)]), Flags(counts: [.monthly: .most(3)]),
    Flags(counts: [.yearly: .most(2)]), Flags(counts: [.yearly: .most(10)]), Flags(counts: [.last: .most(100)]),
    Flags(counts: [.last: .most(1), .daily: .most(2), .weekly: .most(3), .monthly: .most(4), .yearly: .most(5)]),
    Flags(within: "1d"), Flags(within: "24h"), Flags(within: "30d"), Flags(within: "1m"), Flags(within: "3m1d2h"),
    Flags(within: "1y"), Flags(within: "1y5m"), Flags(counts: [.hourly: .most(2), .monthly: .most(2)], within: "2d"),
  ]

  @Test func `the same archives are kept as restic forget keeps`() throws {
    let restic = try Restic(Self.moments)
    let newestFirst = try Self.moments.reversed().map { try #require(Moment.parse($0)) }
    for flags in Self.flags {
      let within = try flags.within.map { try #require(CalendarSpan($0)) }
      let reasons = try RetentionPolicy(counts: flags.counts, within: within)
        .reasons(newestFirst, now: try #require(Moment.parse("2026-01-01T00:00:00Z")))
      let kept = zip(newestFirst, reasons).filter { !$0.1.isEmpty }.map { Moment.iso($0.0) }
      let expected = try restic.kept(flags.arguments)
      #expect(kept.sorted() == expected, "\(flags.testDescription)")
    }
  }
}

/// A repository of restic with an empty snapshot at each moment.
private struct Restic {
  private let folder: TemporaryFolder

  init(_ moments: [String]) throws {
    folder = try TemporaryFolder()
    _ = try folder.write("x", to: "data/file")
    _ = try run(["init"])
    for moment in moments {
      let time = moment.replacing("T", with: " ").replacing("Z", with: "")
      _ = try run(["backup", "--host", "h", "--time", time, folder.path.appending("data").string])
    }
  }

  /// The moments of the snapshots that a policy keeps, in order.
  func kept(_ policy: [String]) throws -> [String] {
    let json = try run(["forget", "--dry-run", "--json"] + policy)
    let groups = try JSONDecoder().decode([Group].self, from: json)
    return groups.flatMap(\.keep).map { String($0.time.prefix(19)) + "Z" }.sorted()
  }

  private struct Group: Decodable {
    struct Snapshot: Decodable { let time: String }
    let keep: [Snapshot]
  }

  private func run(_ arguments: [String]) throws -> Data {
    let process = Process()
    let output = folder.path.appending("out").string
    try Data().write(to: URL(filePath: output))
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["restic", "--no-cache", "-q", "-r", folder.path.appending("repository").string] + arguments
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["RESTIC_PASSWORD": "test", "TZ": "UTC"]) { _, new in new }
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
    try process.run()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "restic \(arguments)")
    return try Data(contentsOf: URL(filePath: output))
  }
}
