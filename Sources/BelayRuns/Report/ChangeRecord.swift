import BelayBase
import Foundation

/// What a change did to one database: the copy in the rehearsal, or the target.
package struct ChangeRecord: Codable, Sendable, Equatable {
  /// How long a part or a statement took.
  package struct Timing: Codable, Sendable, Equatable {
    /// "1.sql", or "1.sql, line 3".
    package var place: String
    package var seconds: Double

    package init(place: String, seconds: Double) {
      self.place = place
      self.seconds = seconds
    }
  }

  package var deltas: [TableDelta] = []
  package var findings: [Finding] = []
  /// Of each part, in their order.
  package var timings: [Timing] = []
  /// Statements that took a while, in their order.
  package var slowStatements: [Timing] = []
  /// What each step was seen to hold and do.
  package var observations: [StepObservation] = []

  /// What the ledgers of other tools say that they did not say before: "Alembic (alembic_version): + 2b1ae634e5cd".
  package var ledgerLines: [String] = []

  /// What was checked on the target, or on the copy, and found to hold or not.
  package var validations: [CheckRecord] = []

  package init() {}

  /// Parts, and within them the statements that took longest.
  package var timingLines: [String] {
    let slowest = slowStatements.sorted { $0.seconds > $1.seconds }.prefix(10)
    return timings.map(\.line) + (slowStatements.count > 1 ? slowest.map { "  \($0.line)" } : [])
  }

  package var observationText: [TextPart] { observations.flatMap(\.text) }
}

extension ChangeRecord.Timing {
  fileprivate var line: String { "\(place): \(String(format: "%.2f", seconds)) s" }
}
