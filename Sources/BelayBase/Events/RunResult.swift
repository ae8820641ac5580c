/// How a run ended.
package struct RunResult: Codable, Sendable, Equatable {
  package var status: ExitStatus
  /// One line: what was done.
  package var summary: String
  package var run: String?
  /// The archive's id.
  package var archive: String?
  /// Path of report.md.
  package var report: String?
  /// The command that undoes it: the last line printed.
  package var undo: String?
  package var error: BelayError?
  /// For results on stdout: lines, ready to print.
  package var output: [String]

  package init(
    _ status: ExitStatus, _ summary: String, run: String? = nil, archive: String? = nil, report: String? = nil,
    undo: String? = nil, error: BelayError? = nil, output: [String] = []
  ) {
    self.status = status
    self.summary = summary
    self.run = run
    self.archive = archive
    self.report = report
    self.undo = undo
    self.error = error
    self.output = output
  }
}

extension RunResult {
  package init(failure error: BelayError) {
    self.init(error.status, error.message, error: error)
  }
}
