import BelayArchive
import BelayBase
import BelayStore
import BelayText
import Foundation

/// `report.html`: a run's report as one file for a browser. It refers to nothing outside of it and runs no script.
package struct HTMLReport {
  private let report: RunReport
  /// Whether the values of rows that a check found are shown: `report: row_values: true` in belay.yaml.
  private let showsRows: Bool

  package init(_ report: RunReport, showsRows: Bool) {
    self.report = report
    self.showsRows = showsRows
  }

  package var text: String {
    let parts = report.parts.enumerated()
    let first = parts.filter { isResult($0.element) }
    let rest = parts.filter { !isResult($0.element) }
    let sections = [summary, failure, undo] + first.map(section) + [timeline] + rest.map(section) + [facts]
    let page: HTML = """
      <!DOCTYPE html>
      <html lang="en">
      <head>
      <meta charset="utf-8">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(Self.policy)">
      <meta name="referrer" content="no-referrer">
      <title>\(report.kind.rawValue) \(report.id)</title>
      <style>
      \(HTMLStyle.sheet)
      </style>
      </head>
      <body>
      <header>
      <p class="kind">\(report.kind.rawValue) of \(report.target)</p>
      <h1>\(report.id)</h1>
      <p class="verdict \(verdict)">\(report.result.summary) <span class="hint">(\(exit))</span></p>
      </header>
      <main>
      \(sections.compactMap(\.self).joined())
      </main>
      <footer>belay \(Belay.version), \(Moment.iso(report.ended))</footer>
      </body>
      </html>

      """
    return page.raw
  }

  /// What a reader looks for first: what became of the tables. Where nothing reached the target, that is on the copy.
  private func isResult(_ part: ReportPart) -> Bool {
    switch part {
    case .change, .unchanged, .spotChecks: true
    case .rehearsal: report.parts.lastChange == nil
    default: false
    }
  }

  /// Whatever got into the page by a fault of belay's would still run nothing and fetch nothing.
  private static let policy: HTML =
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'none'; base-uri 'none'"

  private var exit: String { "exit \(report.result.status.rawValue)" }

  private var verdict: HTML {
    switch report.result.status {
    case .done: "ok"
    case .doneWithWarnings: "warn"
    default: "bad"
    }
  }

  // MARK: Above all

  private var summary: HTML? {
    let summary = ReportSummary(report)
    let checks = summary.validations.map { (mark: $0.passes ? "ok" : "note", text: text(of: $0)) }
    return HTMLElements.section(
      "summary", "Summary",
      "\(HTMLElements.facts(summary.entries))\n\(checks.isEmpty ? .empty : HTMLElements.marks(checks, noun: "check"))")
  }

  private var failure: HTML? {
    guard let error = report.result.error else { return nil }
    let fields =
      error.causes.map { (label: "cause", value: $0) } + [error.state].compactMap { $0.map { ("state", $0) } }
      + [error.hint].compactMap { $0.map { ("hint", $0) } }
    return HTMLElements.section(
      "failure", "What went wrong",
      "<p><strong>\(HTML.lines(error.message))</strong></p>\n\(HTMLElements.facts(fields))")
  }

  private var undo: HTML? {
    report.result.undo.map { HTMLElements.section("undo", "Undo", HTMLElements.command($0)) }
  }

  // MARK: Below all

  private var timeline: HTML? {
    let whole = report.ended.timeIntervalSince(report.began)
    guard !report.timeline.isEmpty, whole > 0 else { return nil }
    let rows = report.timeline.map { span -> HTML in
      let left = Self.percent(span.began.timeIntervalSince(report.began), of: whole)
      let width = min(Self.percent(span.seconds, of: whole), 100 - left)
      let kind: HTML = [.back, .prove, .recover].contains(span.phase) ? " class=\"back\"" : ""
      return """
        <span>\(span.phase.rawValue)</span>
        <span class="track"><span\(kind) style="margin-left:\(left)%;width:\(width)%"></span></span>
        <span class="number">\(ReportSummary.seconds(span.seconds))</span>
        """
    }
    let waits = (report.parts.lastChange?.observations ?? []).flatMap(\.waits)
    let locks: HTML = waits.isEmpty ? .empty : "<h3>Locks</h3>\n\(HTMLElements.block(waits))"
    return HTMLElements.section("timeline", "Timeline", "<div class=\"times\">\n\(rows.joined())\n</div>\n\(locks)")
  }

  private static func percent(_ part: Double, of whole: Double) -> Int {
    Int((100 * min(max(part / whole, 0), 1)).rounded())
  }

  private var facts: HTML? {
    let times = [("began", Moment.iso(report.began)), ("ended", Moment.iso(report.ended))]
    return HTMLElements.section(
      "facts", "Who and where", HTMLElements.facts((report.facts?.entries ?? []) + times))
  }

  // MARK: Parts

  private func section(_ index: Int, _ part: ReportPart) -> HTML? {
    let (words, value) = part.title
    guard let body = body(of: part) else { return nil }
    return HTMLElements.section("part-\(index)", words + value, body)
  }

  private func body(of part: ReportPart) -> HTML? {
    switch part {
    case .preflight(let findings), .notRehearsed(let findings): list(findings)
    case .audit(let checks):
      HTMLElements.marks(checks.map { ($0.passes ? "ok" : "note", text(of: $0)) }, noun: "query")
    // The summary shows them.
    case .validations: nil
    case .files(let files): files.map(file).joined()
    case .change(let record), .rehearsal(let record, _): change(record)
    case .unchanged(let tables): unchanged(tables)
    case .spotChecks(let checks): checks.map(spotCheck).joined()
    case .hooks(let hooks): hooks.map(hook).joined()
    default: HTMLElements.block(MarkdownReport(report, showsRows: showsRows).body(of: part))
    }
  }

  private func list(_ findings: [Finding]) -> HTML {
    HTMLElements.marks(findings.map { ($0.severity.rawValue, text(of: $0)) }, noun: "finding")
  }

  private func text(of finding: Finding) -> HTML {
    let hint: HTML = finding.hint.map { " <span class=\"hint\">\($0)</span>" } ?? .empty
    let rows: HTML = showsRows ? finding.rowsHint.map { " <code>\($0)</code>" } ?? .empty : .empty
    return "\(finding.subject): \(finding.message)\(hint)\(rows)"
  }

  private func text(of check: CheckRecord) -> HTML {
    let rows: HTML =
      check.passes || check.rows.isEmpty || !showsRows
      ? .empty : " <code>\(check.rows.joined(separator: " | "))</code>"
    return "\(check.name): <span class=\"hint\">\(check.description)</span>\(rows)"
  }

  /// A file's text is folded away where it is long.
  private func file(_ part: PartRecord) -> HTML {
    let statements = part.statements.map { ", \(Counted.text($0, "statement"))" } ?? ""
    guard let text = part.text else { return "<h3>\(part.name)</h3>" }
    let isShort = text.utf8.count < 4000 && text.utf8.count(where: { $0 == UInt8(ascii: "\n") }) < 30
    let open: HTML = isShort ? " open" : .empty
    let shown = text.unicodeScalars.count > Self.mostText
    let cut = String(String.UnicodeScalarView(text.unicodeScalars.prefix(Self.mostText)))
    let end: HTML = shown ? "<p class=\"hint\">the rest of the file is not shown</p>" : .empty
    return """
      <h3>\(part.name)<span class="hint">\(statements)</span></h3>
      <details\(open)><summary>SQL</summary><pre>\(HTML.lines(cut))</pre>\(end)</details>
      """
  }

  private static let mostText = 200_000

  private func change(_ record: ChangeRecord) -> HTML {
    var body = [HTMLDeltas(record.deltas).html]
    if !record.ledgerLines.isEmpty { body.append(HTMLElements.block(record.ledgerLines)) }
    if !record.findings.isEmpty { body.append(list(record.findings)) }
    let (times, observed) = (record.timingLines, record.observationText)
    if !times.isEmpty { body.append("<h3>Times</h3>\n\(HTMLElements.block(times))") }
    if !observed.isEmpty { body.append("<h3>Locks and writes</h3>\n\(HTMLElements.text(observed))") }
    return body.joined()
  }

  private func unchanged(_ tables: [TableCount]) -> HTML {
    let rows = tables.map { "<tr><td>\($0.table.description)</td><td class=\"number\">\($0.rows)</td></tr>" as HTML }
    let table = HTMLElements.table(
      ["<th scope=\"col\">table</th>", "<th scope=\"col\" class=\"number\">rows</th>"], rows, noun: "table")
    return "<details><summary>\(Counted.text(tables.count, "table")) as before</summary>\n\(table)</details>"
  }

  private func hook(_ hook: HookRecord) -> HTML {
    let output: HTML =
      hook.output.isEmpty
      ? .empty : "<details><summary>output</summary><pre>\(HTML.lines(hook.output))</pre></details>"
    let mark: HTML = hook.passes ? "<span class=\"mark ok\">ok</span>" : "<span class=\"mark error\">failed</span>"
    return "<h3>\(hook.title)</h3>\n<p>\(mark) \(hook.found)</p>\n\(output)"
  }

  private func spotCheck(_ check: SpotCheckRecord) -> HTML {
    let after: HTML = check.after.map { "<h4>after</h4>\n\(HTMLElements.text($0.text))" } ?? .empty
    return "<h3>\(check.name)</h3>\n<h4>before</h4>\n\(HTMLElements.text(check.before.text))\n\(after)"
  }
}
