import BelayBase
import BelayStore
import Foundation

/// The report of a run that has ended, as data.
package struct RunReport: Codable, Sendable, Equatable {
  /// How long the run was in a phase.
  package struct Span: Codable, Sendable, Equatable {
    package var phase: Phase
    package var began: Date
    package var seconds: Double
  }

  package var id: String
  package var kind: RunRecord.Kind
  /// Without secrets.
  package var target: String
  package var facts: RunFacts?
  package var began: Date
  package var ended: Date
  package var result: RunResult
  package var parts: [ReportPart]
  package var timeline: [Span]
}
