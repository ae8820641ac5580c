/// A command of a person's that a run executes at one of its stations. From `hooks:` in belay.yaml.
package struct RunHook: Codable, Sendable, Equatable, TargetSpecific {
  package enum Side: String, Codable, Sendable, CaseIterable { case before, after }

  /// `run` is the whole of it.
  package enum Station: String, Codable, Sendable, CaseIterable {
    case preflight, backup, verify, rehearse, apply, rollback, run
  }

  /// How the station went, after which it is executed.
  package enum Outcome: String, Codable, Sendable, CaseIterable { case success, failure, always }

  package enum FailurePolicy: String, Codable, Sendable, CaseIterable {
    /// The run ends there; after `apply` it puts everything back.
    case stop
    case warn
  }

  /// Of the shell.
  package var command: String
  package var side: Side
  package var station: Station
  package var outcome: Outcome
  package var onFailure: FailurePolicy
  package var timeoutSeconds: Int
  /// Names in belay.yaml of the targets that it is about; nil: all.
  package var targets: [String]?

  package static let usualSeconds = 300

  package init(
    _ command: String, _ side: Side, _ station: Station, on outcome: Outcome = .success,
    onFailure: FailurePolicy = .stop, timeoutSeconds: Int = RunHook.usualSeconds, targets: [String]? = nil
  ) {
    self.command = command
    self.side = side
    self.station = station
    self.outcome = outcome
    self.onFailure = onFailure
    self.timeoutSeconds = timeoutSeconds
    self.targets = targets
  }

  /// "after apply"
  package var moment: String { "\(side.rawValue) \(station.rawValue)" }

  /// Nothing can be stopped there: what has failed is over, what is put back must be put back, and the end is the end.
  package var canStop: Bool { outcome == .success && station != .rollback && !(station == .run && side == .after) }
}
