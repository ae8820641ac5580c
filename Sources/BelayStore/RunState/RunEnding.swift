import BelayBase

/// How a run ended, as its journal says.
package struct RunEnding: Sendable, Equatable {
  package let status: ExitStatus
  package let summary: String
  /// nil: it did what it was asked for.
  package let failure: BelayError.Kind?

  package init(status: ExitStatus, summary: String, failure: BelayError.Kind?) {
    self.status = status
    self.summary = summary
    self.failure = failure
  }
}

extension RunResult {
  /// How a run of an earlier process ended.
  package init(ending: RunEnding, of run: String) {
    if let kind = ending.failure {
      self.init(failure: BelayError(kind, ending.summary), run: run)
      return
    }
    switch ending.status {
    case .done: self.init(.done, ending.summary)
    case .doneWithWarnings: self.init(.doneWithWarnings, ending.summary)
    // A journal of an earlier build does not name the cause.
    default: self.init(failure: BelayError(.failed, ending.summary))
    }
    self.run = run
  }
}
