/// Which archives of one target and kind are kept, in restic's words. An archive is kept if one of the rules keeps it.
package struct RetentionPolicy: Codable, Sendable, Equatable {
  /// What one rule counts: archives, or natural periods of the calendar, of which each keeps its newest archive.
  package enum Rule: String, Codable, Sendable, CaseIterable {
    case last, hourly, daily, weekly, monthly, yearly

    /// As a key of belay.yaml; the option has a hyphen.
    package var key: String { "keep_\(rawValue)" }
  }

  package enum Count: Codable, Sendable, Equatable {
    case most(Int)
    case unlimited

    /// A whole number from 0, or `unlimited`.
    package init?(_ text: String) {
      if text == "unlimited" {
        self = .unlimited
      } else if let count = Int(text), (0...1_000_000).contains(count) {
        self = .most(count)
      } else {
        return nil
      }
    }

    fileprivate var keepsSomething: Bool { self != .most(0) }
  }

  package private(set) var counts: [Rule: Count]
  /// Every archive that is not older than the newest one by more than that.
  package private(set) var within: CalendarSpan?

  /// - Throws: A text that says why it is no policy: it is empty, or keeps nothing.
  package init(counts: [Rule: Count], within: CalendarSpan? = nil) throws(Flaw) {
    guard !counts.isEmpty || within != nil else { throw .isEmpty }
    guard counts.values.contains(where: \.keepsSomething) || within?.isZero == false else { throw .keepsNothing }
    self.counts = counts
    self.within = within
  }

  private init(sound counts: [Rule: Count], within: CalendarSpan? = nil) {
    self.counts = counts
    self.within = within
  }

  package enum Flaw: Error, Sendable {
    case isEmpty, keepsNothing

    package var text: String {
      switch self {
      case .isEmpty: "has no rule: write one, such as keep_last: 3"
      case .keepsNothing: "keeps nothing"
      }
    }
  }

  /// For what belay makes by itself: 30 days, and at least the last 3.
  package static let ofOwnArchives = RetentionPolicy(sound: [.last: .most(3)], within: CalendarSpan(days: 30))

  /// For what a schedule makes: there is no end of it.
  package static let ofSchedules = RetentionPolicy(
    sound: [.last: .most(3), .daily: .most(7), .weekly: .most(4), .monthly: .most(12)])

  /// "keep-last 3, keep-within 30d"
  package var text: String {
    var parts = Rule.allCases.compactMap { rule -> String? in
      switch counts[rule] {
      case .most(let count)?: "keep-\(rule.rawValue) \(count)"
      case .unlimited?: "keep-\(rule.rawValue) unlimited"
      case nil: nil
      }
    }
    if let within { parts.append("keep-within \(within)") }
    return parts.joined(separator: ", ")
  }
}
