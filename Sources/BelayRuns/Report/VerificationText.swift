import BelayBase
import BelayText
import Foundation

/// `verification_report.txt`: what was found to hold after a change, or after it was undone.
struct VerificationText {
  private let report: RunReport
  private let showsRows: Bool
  private let validations: [CheckRecord]

  init(_ report: RunReport, showsRows: Bool) {
    self.report = report
    self.showsRows = showsRows
    validations = ReportSummary(report).validations
  }

  /// The target was not changed, so that there was nothing to verify.
  var isEmpty: Bool {
    !report.parts.contains { part in
      switch part {
      case .validations, .proof: true
      default: false
      }
    }
  }

  var text: String {
    let change = report.parts.lastChange
    let lines =
      ["run \(report.id)", "target \(report.target)", "result \(report.result.summary)", ""]
      + validations.map { $0.line(showsRows: showsRows) }
      + (change.map { [""] + TableDelta.text($0.deltas).lines } ?? [])
    return lines.map(VisibleText.line).joined(separator: "\n") + "\n"
  }
}
