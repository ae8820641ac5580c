import BelayBase
import Foundation

extension RetentionPolicy {
  /// Which rules keep which archive.
  /// - Parameters:
  ///   - moments: When the archives of one target and kind were made, newest first.
  ///   - now: An archive of the future is not what `within` starts from.
  /// - Returns: For each archive, what to say of the rules that keep it; none: it may go.
  package func reasons(_ moments: [Date], now: Date) -> [[String]] {
    let newest = moments.filter { $0 < now }.max()
    let begin = within.flatMap { span in newest.map { CalendarMoment($0).earlier(by: span) } }
    var counters = Rule.allCases.compactMap { rule in counts[rule].map { Counter(rule: rule, left: $0) } }
    return moments.enumerated().map { index, moment in
      var reasons: [String] = []
      if let within, begin.map({ moment > $0 }) ?? true { reasons.append("within \(within) of the newest") }
      let calendar = CalendarMoment(moment)
      for place in counters.indices {
        let isOldest = index == moments.count - 1
        if let reason = counters[place].take(calendar, index: index, isOldest: isOldest) { reasons.append(reason) }
      }
      return reasons
    }
  }
}

/// One rule on its way from the newest archive to the oldest.
private struct Counter {
  let rule: RetentionPolicy.Rule
  var left: RetentionPolicy.Count
  private var period: [Int] = []

  init(rule: RetentionPolicy.Rule, left: RetentionPolicy.Count) {
    self.rule = rule
    self.left = left
  }

  /// - Returns: why the rule keeps it; nil: it does not.
  mutating func take(_ moment: CalendarMoment, index: Int, isOldest: Bool) -> String? {
    guard left != .most(0) else { return nil }
    let period = rule.period(of: moment, index: index)
    // While a rule has some left, the oldest archive is kept too: it makes the history as long as it can be.
    guard period != self.period || isOldest else { return nil }
    let isExtra = period == self.period
    self.period = period
    if case .most(let count) = left { left = .most(count - 1) }
    return rule == .last ? "one of the last" : isExtra ? "oldest \(rule.rawValue)" : rule.rawValue
  }
}

extension RetentionPolicy.Rule {
  /// Equal for archives of one period.
  fileprivate func period(of moment: CalendarMoment, index: Int) -> [Int] {
    switch self {
    case .last: [index]
    case .hourly: [moment.year, moment.month, moment.day, moment.hour]
    case .daily: [moment.year, moment.month, moment.day]
    case .weekly: [moment.week.year, moment.week.number]
    case .monthly: [moment.year, moment.month]
    case .yearly: [moment.year]
    }
  }
}
