import BelayBase
import BelayCore

/// What came of the checks of one target.
struct CheckedTarget {
  /// Its name in belay.yaml, or its URL without secrets.
  let name: String
  let checks: [CheckResult]
  /// How the whole of it ended; its error where no check could be run.
  let result: RunResult
  /// When it began.
  let at: String
  let milliseconds: Int

  /// No check was run at all.
  var failure: BelayError? { checks.isEmpty ? result.error : nil }
}

extension CheckedTarget {
  private static let header = ["STATUS", "CHECK", "FOUND", "EXPECTED", "TIME"]

  private var table: TextTable {
    TextTable(
      header: Self.header,
      rows: checks.map { check in
        [
          check.status == .failed ? "FAILED" : check.status == .error ? "ERROR" : check.status.rawValue, check.name,
          check.figure, check.threshold, "\(check.milliseconds) ms",
        ]
      })
  }

  /// For a person; a heading where there are several.
  func parts(withHeading: Bool) -> [TextPart] {
    let body: TextPart = checks.isEmpty ? .line("no check was run: \(result.summary)") : .table(table)
    return withHeading ? [.line(name), body, .line("")] : [body]
  }
}

extension [CheckedTarget] {
  /// All as one: the gravest by its exit status, with the table of every check.
  var together: RunResult {
    let output = flatMap { $0.parts(withHeading: count > 1) }
    guard let gravest = map(\.result).max(by: { $0.status.rawValue < $1.status.rawValue }) else {
      return RunResult(.done, "no target").printing(output)
    }
    let summary = map(\.result.summary).joined(separator: "; ")
    guard var error = gravest.error else {
      return RunResult(gravest.status == .done ? .done : .doneWithWarnings, summary).printing(output)
    }
    if count > 1 {
      error.message = "\(self.count { $0.result.error != nil }) of \(count) targets: \(error.message)"
      error.causes += map(\.result).filter { $0.error != nil && $0.summary != gravest.summary }.map(\.summary)
    }
    return RunResult(failure: error, summary: summary).printing(output)
  }
}
