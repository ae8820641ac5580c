/// How a run ended.
package struct RunResult: Codable, Sendable, Equatable {
  /// A run that did what it was asked for.
  package enum Completion: Sendable { case done, doneWithWarnings }

  package private(set) var status: ExitStatus
  /// One line: what was done.
  package var summary: String
  package var run: String?
  /// The archive's id.
  package var archive: String?
  /// Path of report.md.
  package var report: String?
  /// The command that undoes it: the last line printed.
  package var undo: String?
  package private(set) var error: BelayError?
  /// For results on stdout: lines, ready to print.
  package private(set) var output: [String]
  /// The tables among these lines, which a terminal fits into its width; nil: there are none.
  private var tables: [PlacedTable]?
  /// The backup of a change that has failed and is put back: `--backup` uses it for the next try. nil: there is none, or it
  /// has been said.
  package var reusable: String?

  package init(
    _ completion: Completion, _ summary: String, archive: String? = nil, undo: String? = nil, output: [String] = []
  ) {
    status = completion == .done ? .done : .doneWithWarnings
    self.summary = summary
    self.archive = archive
    self.undo = undo
    self.output = output
  }

  /// A failure: here its kind becomes the exit status.
  /// - Parameter summary: nil: the error's message.
  package init(
    failure error: BelayError, summary: String? = nil, run: String? = nil, archive: String? = nil,
    output: [String] = []
  ) {
    status = ExitStatus(error.kind)
    self.summary = summary ?? error.message
    self.run = run
    self.archive = archive
    self.error = error
    self.output = output
  }
}

extension RunResult {
  /// `output`, with its tables as tables.
  package var parts: [TextPart] {
    get { [TextPart](lines: output, tables: tables ?? []) }
    set {
      output = newValue.lines
      tables = newValue.tables.isEmpty ? nil : newValue.tables
    }
  }

  /// The same with another output.
  package func printing(_ parts: [TextPart]) -> RunResult {
    var result = self
    result.parts = parts
    return result
  }

  /// The same, done with warnings; a failure stays one.
  package func withWarnings() -> RunResult {
    var result = self
    if status == .done { result.status = .doneWithWarnings }
    return result
  }

  /// It did what it was asked for, but something is left that a person should know of. Nothing where it failed: that is
  /// graver.
  package mutating func add(warning: String) {
    summary += "; \(warning)"
    if status == .done { status = .doneWithWarnings }
  }

  /// Says more of what went wrong; nothing where nothing did.
  package mutating func add(causes: [String]) { error?.causes += causes }

  /// Several results as one: the gravest by its exit status, with every summary.
  /// - Parameter results: nil comes back where there are none.
  package static func together(_ results: [RunResult]) -> RunResult? {
    guard var all = results.max(by: { $0.status.rawValue < $1.status.rawValue }), results.count > 1 else {
      return results.first
    }
    all.summary = "\(results.count) runs: " + results.map(\.summary).joined(separator: "; ")
    all.parts = results.flatMap(\.parts)
    all.undo = nil
    return all
  }
}
