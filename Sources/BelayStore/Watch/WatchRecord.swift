import BelayBase

/// One round of `belay watch` on one target: a line of its history.
package struct WatchRecord: Codable, Sendable, Equatable {
  /// Since when a check has been as it is.
  package struct Standing: Codable, Sendable, Equatable {
    package var template: String
    package var name: String
    package var status: CheckResult.Status
    /// ISO 8601, UTC.
    package var since: String
    package var figure: String
    package var milliseconds: Int

    package init(
      template: String, name: String, status: CheckResult.Status, since: String, figure: String, milliseconds: Int
    ) {
      self.template = template
      self.name = name
      self.status = status
      self.since = since
      self.figure = figure
      self.milliseconds = milliseconds
    }
  }

  /// Counted from 1 over all of the history.
  package var round: Int
  /// ISO 8601, UTC.
  package var at: String
  package var checks: [Standing]
  /// What became known in this round.
  package var changes: [CheckChange]

  package init(round: Int, at: String, checks: [Standing], changes: [CheckChange]) {
    self.round = round
    self.at = at
    self.checks = checks
    self.changes = changes
  }
}

/// A check has another status than before.
package struct CheckChange: Codable, Sendable, Equatable {
  package var event = "check_change"
  /// ISO 8601, UTC.
  package var at: String
  package var target: String
  package var check: String
  /// nil: nothing is known of it before.
  package var before: CheckResult.Status?
  /// How long it had that status, in seconds.
  package var lasted: Int?
  package var status: CheckResult.Status
  package var figure: String
  package var threshold: String

  package init(
    at: String, target: String, check: String, before: CheckResult.Status?, lasted: Int?, result: CheckResult
  ) {
    self.at = at
    self.target = target
    self.check = check
    self.before = before
    self.lasted = lasted
    status = result.status
    figure = result.figure
    threshold = result.threshold
  }

  /// `shop: fresh orders.at: ok -> failed, after 3 h: 2 days old, expected within 26 h`
  package var line: String {
    let from = before.map { "\($0.rawValue) -> " } ?? ""
    let after = lasted.map { ", after \(DurationText.span($0))" } ?? ""
    let found = status == .ok || threshold.isEmpty ? figure : "\(figure), expected \(threshold)"
    return "\(at)  \(target): \(check): \(from)\(status.rawValue)\(after): \(found)"
  }
}
