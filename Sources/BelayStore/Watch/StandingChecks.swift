import BelayBase
import Foundation

/// What is known of the checks of one target, from round to round. Tells each change once.
package struct StandingChecks {
  private struct Known {
    var standing: WatchRecord.Standing
    /// When this process saw it become so; nil: an earlier one did.
    var seen: ContinuousClock.Instant?
  }

  private let target: String
  private var known: [String: Known] = [:]
  private var order: [String] = []
  private var round: Int
  private var last: (at: Date, instant: ContinuousClock.Instant)?
  /// By how many seconds the clock was set back since the last round; nil: it was not.
  package private(set) var setBack: Int?

  /// - Parameter last: what an earlier process has recorded last.
  package init(target: String, after last: WatchRecord?, now: Date, instant: ContinuousClock.Instant) {
    self.target = target
    round = last?.round ?? 0
    for standing in last?.checks ?? [] {
      known[standing.key] = Known(standing: standing, seen: nil)
      order.append(standing.key)
    }
    if let at = last.flatMap({ Moment.parse($0.at) }) { note(now, after: at) }
    self.last = (now, instant)
  }

  /// - Parameters:
  ///   - results: of this round. A check that is not among them is as it was.
  ///   - forgetsOthers: the round was whole: what is not among them is not watched any more.
  package mutating func take(
    _ results: [CheckResult], forgetsOthers: Bool, now: Date, instant: ContinuousClock.Instant
  ) -> WatchRecord {
    if let last {
      // The clock that only goes forward says how much later it is.
      note(now, after: last.at.addingTimeInterval(last.instant.duration(to: instant).seconds))
    }
    last = (now, instant)
    round += 1
    let at = Moment.iso(now)
    var changes: [CheckChange] = []
    for result in results {
      let before = known[result.key]
      let isNew = before?.standing.status != result.status
      if isNew, before != nil || result.status != .ok {
        changes.append(
          CheckChange(
            at: at, target: target, check: result.name, before: before?.standing.status,
            lasted: before.map { lasted($0, now, instant) }, result: result))
      }
      if before == nil { order.append(result.key) }
      known[result.key] = Known(
        standing: WatchRecord.Standing(
          template: result.template, name: result.name, status: result.status,
          since: isNew ? at : before?.standing.since ?? at,
          figure: result.figure, milliseconds: result.milliseconds),
        seen: isNew ? instant : before?.seen)
    }
    if forgetsOthers {
      let keys = Set(results.map(\.key))
      order.removeAll { !keys.contains($0) }
      known = known.filter { keys.contains($0.key) }
    }
    return WatchRecord(round: round, at: at, checks: order.compactMap { known[$0]?.standing }, changes: changes)
  }

  private func lasted(_ known: Known, _ now: Date, _ instant: ContinuousClock.Instant) -> Int {
    if let seen = known.seen { return Int(seen.duration(to: instant).seconds.rounded()) }
    return Moment.parse(known.standing.since).map { max(0, Int(now.timeIntervalSince($0))) } ?? 0
  }

  /// Clocks are corrected by fractions of a second all the time, and moments are recorded in whole ones.
  private mutating func note(_ now: Date, after expected: Date) {
    let back = Int(expected.timeIntervalSince(now))
    setBack = back >= 5 ? back : nil
  }
}

/// A check that a person has named may be called like one of belay's.
extension CheckResult {
  fileprivate var key: String { "\(template)\u{1F}\(name)" }
}

extension WatchRecord.Standing {
  fileprivate var key: String { "\(template)\u{1F}\(name)" }
}
