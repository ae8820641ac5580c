import BelayBase

/// How one hook of a run went.
package struct HookRecord: Codable, Sendable, Equatable {
  package var command: String
  /// "after apply"
  package var moment: String
  package var seconds: Double
  /// What went wrong; nil: it ended well.
  package var failure: String?
  /// Of what it printed, the beginning and the end.
  package var output: String

  package init(command: String, moment: String, seconds: Double, failure: String?, output: String) {
    self.command = command
    self.moment = moment
    self.seconds = seconds
    self.failure = failure
    self.output = output
  }

  package var passes: Bool { failure == nil }

  /// "after apply: npm test"
  var title: String { "\(moment): \(command)" }

  /// "ended well after 0.52 s"
  var found: String {
    let time = ReportSummary.seconds(seconds)
    return failure.map { "\($0), after \(time)" } ?? "ended well after \(time)"
  }
}
