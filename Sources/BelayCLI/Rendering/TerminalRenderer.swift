import BelayBase
import BelayCore
import BelayText

/// The stream for a person: results on stdout, everything else on stderr.
package final class TerminalRenderer: Renderer {
  /// How much is told.
  package enum Verbosity: Sendable {
    /// Warnings, errors, questions and results.
    case quiet
    case normal
    /// The log and the beginning of each phase too.
    case verbose
  }

  private let results: any Output
  private let talk: any Output
  private let style: Style
  private let verbosity: Verbosity
  private let now: () -> Duration
  private var bars = ProgressBars()
  private var countdown: Countdown?
  private var phase: (started: PhaseStarted, at: Duration)?
  private var hasGoneBack = false
  private var lastLine: ScreenText?
  /// The cells of each line that is drawn.
  private var drawn: [Int] = []
  private var drawnAt: Duration?
  /// A command, or the person who is asked, writes to the terminal: what is written there is not drawn over.
  private var isHandedOver = false
  private static let redrawInterval = Duration.milliseconds(100)

  /// - Parameters:
  ///   - results: stdout.
  ///   - talk: stderr.
  ///   - style: For `talk`.
  ///   - verbosity: How much is told.
  ///   - now: A clock that only goes forward, from any beginning.
  package init(
    results: any Output, talk: any Output, style: Style, verbosity: Verbosity, now: @escaping () -> Duration
  ) {
    self.results = results
    self.talk = talk
    self.style = style
    self.verbosity = verbosity
    self.now = now
  }

  package func show(_ event: Event) {
    switch event {
    case .run(let started):
      // Another run, such as the backup after a change, has no estimate of its own.
      countdown = nil
      if verbosity == .verbose { say([style.dim("run \(started.id), journal \(started.journal)")]) }
    case .loading(let driver):
      if verbosity == .verbose { say([style.dim("driver \(driver.driver), \(driver.path)")]) }
    case .phase(let started): begin(started)
    case .progress(let progress): take(progress)
    case .estimate(let estimate): take(estimate)
    case .log(let line): if let lines = text(of: line) { say(lines) }
    case .finding(let finding): if isShown(finding.severity) { say(Self.lines(of: finding, style)) }
    case .section(let section):
      if verbosity != .quiet {
        say([""], unlessBlank: true)
        say([style.bold(section.title)] + lines(of: section).map { "  \($0)" } + [""])
      }
    case .diagnosis(let diagnosis):
      erase()
      for line in diagnosis.lines { write(result: line, hanging: Diagnosis.indentation) }
    case .check: break  // the table at the end shows all of them together
    case .migration: break  // so does the table of `status`
    case .tableCopy: break  // the lines at the end show them
    case .observed: break  // the section "ready" shows it
    case .difference(let difference):
      erase()
      for line in difference.lines { write(result: line) }
    case .command(let started):
      if verbosity != .quiet {
        say([style.dim("running \(started.command)" + (started.isRehearsal ? " on the copy" : ""))])
      }
      erase()
      isHandedOver = true
    case .question:
      // The keyboard writes it. What it is about has been said; no bar may overwrite it.
      erase()
      isHandedOver = true
    case .result(let result): end(result)
    }
  }

  package func show(_ record: some Encodable, as lines: [String]) {
    erase()
    for line in lines { write(result: line) }
  }

  package func tick() { if !drawn.isEmpty { draw(force: false) } }

  package var columns: Int? { results.isTerminal ? results.columns : nil }

  /// In a file, or for another program, each line stays whole.
  private func write(result line: String, hanging: Int? = nil) {
    let line = ScreenText(line)
    for line in columns.map({ line.wrapped(columns: $0, hanging: hanging) }) ?? [line] { results.write(line.line) }
  }

  // MARK: Phases

  private func begin(_ started: PhaseStarted) {
    isHandedOver = false
    let goesBack = [.back, .prove, .recover].contains(started.phase)
    endPhase(well: !goesBack || !isChange(phase?.started.phase))
    if goesBack { hasGoneBack = true }
    phase = (started, now())
    if verbosity == .verbose { say([style.dim("\(started.phase.rawValue) begins  \(started.detail)")]) }
    draw(force: true)
  }

  /// From these the rollback is the consequence of a failure; in a `rollback` it is the work itself.
  private func isChange(_ phase: Phase?) -> Bool {
    switch phase {
    case .rehearse, .apply, .check, .commit: true
    default: false
    }
  }

  private func endPhase(well: Bool) {
    bars.clear()
    guard let (started, at) = phase else { return }
    phase = nil
    guard verbosity != .quiet else { return }
    let mark = well ? style.green("ok    ") : style.red("failed")
    let name = started.phase.rawValue.padded(to: 10)
    // The times are aligned if the terminal is wide enough for one like "12 min 05 s".
    let room = talk.isTerminal ? min(40, talk.columns - 30) : 40
    let detail = started.detail.padded(to: room)
    say(["\(mark) \(name) \(detail) \(style.dim(Wording.duration(now() - at)))"])
  }

  // MARK: Lines that come and go

  private func take(_ progress: ProgressUpdate) {
    isHandedOver = false
    bars.take(progress, at: now())
    draw(force: false)
  }

  /// Says it once; after that the line of the phase counts it down.
  private func take(_ estimate: RunEstimate) {
    if countdown == nil, verbosity != .quiet { say(["the run takes \(estimate.line)"]) }
    countdown = Countdown(estimate, at: now())
  }

  private func draw(force: Bool) {
    guard style.movesCursor && verbosity != .quiet && !isHandedOver else { return }
    if !force, let drawnAt, now() - drawnAt < Self.redrawInterval { return }
    erase()
    // A line as wide as the terminal would begin another one.
    let room = max(talk.columns - 1, 10)
    var lines = bars.lines(at: now(), columns: talk.columns)
    if let phase { lines.insert(line(of: phase.started, room: room), at: 0) }
    talk.write(.lines(lines.enumerated().map { $0 == 0 && phase != nil ? style.dim($1) : ScreenText($1) }))
    drawn = lines.map(\.cells)
    drawnAt = now()
  }

  /// The time that is left of the whole run is not cut off.
  private func line(of started: PhaseStarted, room: Int) -> String {
    let line = "...    \(started.phase.rawValue.padded(to: 10)) \(VisibleText.line(started.detail))"
    // While a person thinks, no time of the run goes by.
    guard started.phase != .confirm, let left = countdown?.words(at: now()) else {
      return String(line.prefix(cells: room))
    }
    return String(line.prefix(cells: max(0, room - left.cells - 2))) + "  " + left
  }

  private func erase() {
    guard !drawn.isEmpty else { return }
    // Where the terminal is narrower by now, it has broken lines.
    let columns = max(talk.columns, 1)
    let rows = drawn.reduce(0) { $0 + max(1, ($1 + columns - 1) / columns) }
    let up: ScreenText = rows > 1 ? "\u{1B}[\(rows - 1)A" : ""
    talk.write("\r\(up)\u{1B}[J")
    drawn = []
  }

  /// - Parameter unlessBlank: nothing is said where the line before is blank already, or is the first.
  private func say(_ lines: [ScreenText], unlessBlank: Bool = false) {
    if unlessBlank && (lastLine ?? "") == "" { return }
    lastLine = lines.last ?? lastLine
    erase()
    for line in lines { write(line) }
    if phase != nil { draw(force: true) }
  }

  /// In a file each line stays whole, for whoever searches it.
  private func write(_ line: ScreenText) {
    let lines = talk.isTerminal ? line.wrapped(columns: talk.columns) : [line]
    for line in lines { talk.write(line.line) }
  }

  /// A table of more rows than this pushes what matters off the screen.
  private static let mostRows = 40

  /// Tables as wide as a terminal has room for; in a file each row stays one line.
  private func lines(of section: Section) -> [String] {
    section.shown(most: verbosity == .verbose ? .max : Self.mostRows).flatMap { part -> [String] in
      guard talk.isTerminal, case .table(let table) = part else { return part.lines }
      return table.lines(fitting: talk.columns - 2)
    }
  }

  // MARK: Words

  private func text(of line: LogLine) -> [ScreenText]? {
    switch line.level {
    case .debug, .info: verbosity == .verbose ? VisibleText.lines(line.message).map(style.dim) : nil
    case .notice: verbosity == .quiet ? nil : ErrorBlock.field("", line.message)
    case .warning: ErrorBlock.field(style.yellow("warning: "), line.message)
    case .error: ErrorBlock.field(style.red("error: "), line.message)
    }
  }

  private func isShown(_ severity: Finding.Severity) -> Bool {
    verbosity != .quiet || severity >= .warning
  }

  private static func lines(of finding: Finding, _ style: Style) -> [ScreenText] {
    let label =
      switch finding.severity {
      case .note: style.dim("note    ")
      case .warning: style.yellow("warning ")
      case .error: style.red("error   ")
      }
    let rule = finding.rule.isEmpty ? "" : style.dim("  [\(finding.rule)]")
    var lines: [ScreenText] = ["  \(label) \(finding.subject): \(finding.message)\(rule)"]
    if let hint = finding.hint { lines.append("           hint: \(hint)") }
    if let rows = finding.rowsHint { lines.append("           \(rows)") }
    return lines
  }

  // MARK: The end

  private func end(_ result: RunResult) {
    // A failure that was put right is the fault of an earlier phase, marked when `back` began.
    endPhase(well: result.error.map { hasGoneBack && $0.kind.canFollowRollback } ?? true)
    // Before the error, whose hint is what a person needs to see last.
    if let report = result.report, verbosity != .quiet { say(["report: \(report)"]) }
    if let archive = result.reusable {
      let words = "is kept; `--backup \(archive)` with the same command uses it instead of making another one"
      say(["backup: \(archive) \(words)"])
    }
    if let error = result.error {
      say(ErrorBlock.lines(error, style))
    } else if verbosity != .quiet && !result.output.contains(result.summary) {
      say([result.status == .doneWithWarnings ? style.yellow(result.summary) : "\(result.summary)"])
    }
    for part in result.parts {
      if let columns, case .table(let table) = part {
        for line in table.lines(fitting: columns) { results.write(ScreenText(line).line) }
      } else {
        for line in part.lines { write(result: line) }
      }
    }
    if let undo = result.undo {
      // The last line printed is the command itself, so that it can be copied, or taken by `tail -n 1`.
      if verbosity != .quiet { talk.write("to undo this:\n") }
      results.write(ScreenText(undo).line)
    }
  }
}

extension BelayError.Kind {
  /// The error of a change that has been rolled back: the rollback itself went well.
  fileprivate var canFollowRollback: Bool {
    switch self {
    case .migrationFailed, .checkFailed, .failed, .interrupted, .terminated, .changedMeanwhile: true
    case .usage, .notFound, .locked, .wrongCode, .wrongKey, .declined, .refused, .cannotOpen, .backupFailed,
      .verificationFailed,
      .dumpRefused, .stopped, .outcomeUnknown, .notRolledBack:
      false
    }
  }
}
