import BelayBase
import BelayStore
import Foundation
import Testing

@Suite("how checks stand from round to round")
struct StandingChecksTests {
  private static let begin = Date(timeIntervalSince1970: 1_795_000_000)
  private let instant = ContinuousClock.now

  private func result(_ name: String, _ status: CheckResult.Status) -> CheckResult {
    CheckResult(name: name, template: "sql", status: status, figure: "f", threshold: "t", milliseconds: 1)
  }

  /// The statuses of one check, round by round, a minute apart; and what was told of it.
  private func told(_ statuses: [CheckResult.Status]) -> [String] {
    var standing = StandingChecks(target: "shop", after: nil, now: Self.begin, instant: instant)
    return statuses.enumerated().flatMap { index, status in
      standing.take(
        [result("c", status)], forgetsOthers: true, now: Self.begin.addingTimeInterval(Double(index) * 60),
        instant: instant + .seconds(60 * index)
      ).changes.map { "\($0.before?.rawValue ?? "new") \($0.status.rawValue) \($0.lasted ?? 0)" }
    }
  }

  @Test(
    "each change is told once, with how long the state before it lasted",
    arguments: [
      ([.ok, .ok, .failed, .failed, .failed, .ok], ["ok failed 120", "failed ok 180"]),
      ([.failed, .failed], ["new failed 0"]), ([.ok, .ok], []),
      ([.ok, .error, .failed, .warning], ["ok error 60", "error failed 60", "failed warning 60"]),
    ] as [([CheckResult.Status], [String])])
  func once(statuses: [CheckResult.Status], expected: [String]) { #expect(told(statuses) == expected) }

  @Test("what an earlier process has seen is gone on with")
  func history() throws {
    var first = StandingChecks(target: "shop", after: nil, now: Self.begin, instant: instant)
    let record = first.take([result("c", .failed)], forgetsOthers: true, now: Self.begin, instant: instant)
    let later = Self.begin.addingTimeInterval(7200)
    var second = StandingChecks(target: "shop", after: record, now: later, instant: instant)
    #expect(second.setBack == nil)
    #expect(second.take([result("c", .failed)], forgetsOthers: true, now: later, instant: instant).changes == [])
    let recovered = second.take([result("c", .ok)], forgetsOthers: true, now: later, instant: instant)
    #expect(recovered.round == 3 && recovered.changes.first?.lasted == 7200)
  }

  @Test("a clock that was set back is noticed, and what this process saw keeps its length")
  func clock() {
    var standing = StandingChecks(target: "shop", after: nil, now: Self.begin, instant: instant)
    _ = standing.take([result("c", .failed)], forgetsOthers: true, now: Self.begin, instant: instant)
    let back = Self.begin.addingTimeInterval(-3600)
    let record = standing.take([result("c", .ok)], forgetsOthers: true, now: back, instant: instant + .seconds(60))
    #expect(standing.setBack == 3660 && record.changes.first?.lasted == 60)
    let next = standing.take(
      [result("c", .ok)], forgetsOthers: true, now: back.addingTimeInterval(60), instant: instant + .seconds(120))
    #expect(standing.setBack == nil && next.changes.isEmpty)
    // Of another process only the wall clock is known: a length is never negative.
    var other = StandingChecks(target: "shop", after: next, now: back, instant: instant)
    #expect(other.setBack == 60)
    let change = other.take([result("c", .failed)], forgetsOthers: true, now: back, instant: instant).changes.first
    #expect(change?.lasted == 0)
  }

  @Test("checks that could not be run in a round stand as before; those that are gone are forgotten")
  func others() {
    var standing = StandingChecks(target: "shop", after: nil, now: Self.begin, instant: instant)
    let both = [result("a", .ok), result("b", .failed)]
    _ = standing.take(both, forgetsOthers: true, now: Self.begin, instant: instant)
    let less = standing.take([result("a", .ok)], forgetsOthers: false, now: Self.begin, instant: instant)
    #expect(less.checks.map(\.name) == ["a", "b"])
    #expect(standing.take(both, forgetsOthers: true, now: Self.begin, instant: instant).changes.isEmpty)
    let gone = standing.take([result("a", .ok)], forgetsOthers: true, now: Self.begin, instant: instant)
    #expect(gone.checks.map(\.name) == ["a"])
  }
}
