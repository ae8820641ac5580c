import BelayBase
import BelayStore
import BelayText
import Foundation

/// `report.md`: a run's report as Markdown.
package struct MarkdownReport {
  let report: RunReport
  /// Whether the values of rows that a check found are shown: `report: row_values: true` in belay.yaml.
  let showsRows: Bool

  package init(_ report: RunReport, showsRows: Bool) {
    self.report = report
    self.showsRows = showsRows
  }

  package var text: String {
    let result = report.result
    var document = MarkdownDocument()
    document.heading(1, "\(report.kind.rawValue) ", report.id)
    document.item("result", result.summary, " (exit \(result.status.rawValue))")
    document.item("target", report.target)
    document.item("began", Moment.iso(report.began))
    document.item("ended", Moment.iso(report.ended))
    if let archive = result.archive { document.item("backup", archive) }
    for (label, value) in report.facts?.entries ?? [] { document.item(label, value) }
    let summary = ReportSummary(report)
    document.heading(2, "Summary")
    document.block(
      summary.entries.map { "\($0.label): \($0.value)" } + summary.validations.map { $0.line(showsRows: showsRows) })
    if let error = result.error {
      document.heading(2, "What went wrong")
      document.block(lines(of: error))
    }
    for part in report.parts {
      // The summary shows them.
      if case .validations = part { continue }
      let (words, value) = part.title
      document.heading(2, words, value)
      document.block(body(of: part))
    }
    if !report.timeline.isEmpty {
      document.heading(2, "Timings")
      document.table(
        ["phase", "seconds"], report.timeline.map { [$0.phase.rawValue, String(format: "%.2f", $0.seconds)] })
    }
    if let undo = result.undo {
      document.heading(2, "Undo")
      document.command(undo)
    }
    return document.text
  }

  private func lines(of error: BelayError) -> [String] {
    let fields = [
      ("cause", error.causes), ("state", [error.state].compactMap(\.self)), ("hint", [error.hint].compactMap(\.self)),
    ]
    return VisibleText.lines(error.message)
      + fields.flatMap { label, texts in
        texts.flatMap { text in
          VisibleText.lines(text).enumerated().map { $0.offset == 0 ? "\(label): \($0.element)" : "  \($0.element)" }
        }
      }
  }

  // MARK: Parts

  /// A part as lines of text.
  func body(of part: ReportPart) -> [String] {
    switch part {
    case .preflight(let findings), .notRehearsed(let findings): findings.map(line)
    case .plan(let lines), .sessionsEnded(let lines), .losses(let lines), .saved(let lines),
      .previousDatabases(let lines), .engineMessages(let lines, _):
      lines
    case .writtenByOthers(let lines): lines
    case .files(let files): files.flatMap(lines)
    case .unchanged(let tables): ["\(Counted.text(tables.count, "table")) as before"]
    case .spotChecks(let checks): checks.flatMap(lines)
    case .hooks(let hooks): hooks.flatMap(\.lines)
    case .audit(let checks), .validations(let checks): checks.map { $0.line(showsRows: showsRows) }
    case .backup(let archive): archive.lines
    case .verification(let level, let tables, let standIn): [verification(level, tables, standIn)]
    case .rehearsal(let record, _), .change(let record):
      TableDelta.text(record.deltas).lines + record.ledgerLines + record.findings.map(line) + record.timingLines
        + record.observationText.lines
    case .rewind(let bookmark, let undo):
      ["rewound to the bookmark \(bookmark)"] + undo.map { "undone by the bookmark \($0)" }
    case .proof(let proof): proof.lines
    }
  }

  private func lines(_ part: PartRecord) -> [String] {
    [part.name] + (part.text.map { VisibleText.lines($0).map { "  \($0)" } } ?? [])
  }

  private func lines(_ check: SpotCheckRecord) -> [String] {
    ["\(check.name), before:"] + check.before.text.lines.map { "  \($0)" }
      + (check.after.map { ["\(check.name), after:"] + $0.text.lines.map { "  \($0)" } } ?? [])
  }

  private func line(_ finding: Finding) -> String {
    let rows = showsRows ? finding.rowsHint.map { " (\($0))" } ?? "" : ""
    return finding.line + rows
  }

  private func verification(_ level: VerificationLevel, _ tables: Int?, _ standIn: String) -> String {
    guard level == .restore, let tables else {
      return level == .read ? "level read: every member decoded; not restored" : "level \(level.rawValue)"
    }
    return "level restore: restored into a scratch database\(standIn); schema and \(tables) tables equal"
  }
}

extension HookRecord {
  fileprivate var lines: [String] {
    ["\(title): \(found)"] + (output.isEmpty ? [] : VisibleText.lines(output).map { "  \($0)" })
  }
}

extension CheckRecord {
  /// "note orders without a customer: expected no rows, found 3 rows"
  package func line(showsRows: Bool) -> String {
    let line = "\(passes ? "ok  " : "note") \(name): \(description)"
    return passes || rows.isEmpty || !showsRows ? line : line + "; first: \(rows.joined(separator: " | "))"
  }
}

extension ArchiveRecord {
  /// A line for each, but one for all of a folder: there may be thousands of tables.
  private var memberLines: [String] {
    var lines: [String] = []
    var folders: [String: (files: Int, bytes: UInt64)] = [:]
    for member in members {
      guard let slash = member.name.firstIndex(of: "/") else {
        lines.append("\(member.name)  \(ByteCount.text(member.bytes))")
        continue
      }
      let folder = String(member.name[...slash])
      let known = folders[folder] ?? (0, 0)
      folders[folder] = (known.files + 1, Counted.sum([known.bytes, member.bytes]))
    }
    return lines
      + folders.sorted { $0.key < $1.key }.map {
        "\($0.key)  \(Counted.text($0.value.files, "file"))  \(ByteCount.text($0.value.bytes))"
      }
  }

  package var lines: [String] {
    ["archive \(path)", "size \(ByteCount.text(bytes))"]
      + [manifestSHA256].compactMap { $0.map { "sha-256 of manifest.json \($0)" } } + memberLines + [
        "\(Counted.text(tables, "table")), \(Counted.rows(rows))"
      ]
  }
}

extension ProofRecord {
  fileprivate var lines: [String] {
    [isSchemaEqual ? "schema equal" : "schema changed by others", "\(equalTables) of \(tables) tables equal"]
      + byOthers.map { "written by others since: \($0)" }
      + byEngine.map { "kept by the engine, which never rolls it back: \($0)" }
  }
}
