import BelayBase
import BelayStore
import Foundation
import SystemPackage

/// Collects what goes into a run's report while the run goes on. Used by one thread.
package final class ReportCollector {
  private let id: String
  private let kind: RunRecord.Kind
  private let target: String
  private let began: Date
  private let facts: RunFacts?
  private var parts: [ReportPart] = []
  private var hooks: [HookRecord] = []
  private var phases: [(phase: Phase, began: Date)] = []

  init(id: String, kind: RunRecord.Kind, target: String, began: Date, facts: RunFacts? = nil) {
    self.id = id
    self.facts = facts
    self.kind = kind
    self.target = target
    self.began = began
  }

  package func add(_ part: ReportPart) { parts.append(part) }
  package func add(_ hook: HookRecord) { hooks.append(hook) }
  package func enter(_ phase: Phase) { phases.append((phase, Date())) }

  /// The report of a run that ends now.
  func report(_ result: RunResult, now: Date) -> RunReport {
    let ends = phases.dropFirst().map(\.began) + [now]
    let timeline = zip(phases, ends).map { phase, end in
      RunReport.Span(phase: phase.phase, began: phase.began, seconds: end.timeIntervalSince(phase.began))
    }
    return RunReport(
      id: id, kind: kind, target: target, facts: facts, began: began, ended: now, result: result,
      parts: parts + (hooks.isEmpty ? [] : [.hooks(hooks)]),
      timeline: timeline)
  }
}
