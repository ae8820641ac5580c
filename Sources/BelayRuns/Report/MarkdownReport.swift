import BelayBase
import BelayStore
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
    var lines = ["# \(report.kind.rawValue) \(report.id)", ""]
    lines += ["- result: \(result.summary) (exit \(result.status.rawValue))", "- target: \(report.target)"]
    lines += ["- began: \(Moment.iso(report.began))", "- ended: \(Moment.iso(report.ended))"]
    if let archive = result.archive { lines.append("- backup: \(archive)") }
    if let error = result.error { lines += failure(error) }
    for part in report.parts {
      lines += ["", "## \(title(of: part))", "", "```"] + body(of: part) + ["```"]
    }
    if !report.timeline.isEmpty {
      lines += ["", "## Timings", "", "| phase | seconds |", "| --- | --- |"]
      lines += report.timeline.map { "| \($0.phase.rawValue) | \(String(format: "%.2f", $0.seconds)) |" }
    }
    if let undo = result.undo { lines += ["", "## Undo", "", "    \(undo)"] }
    return lines.joined(separator: "\n") + "\n"
  }

  private func failure(_ error: BelayError) -> [String] {
    var lines = ["", "## What went wrong", "", error.message] + error.causes.map { "- \($0)" }
    if let state = error.state { lines.append("- state: \(state)") }
    if let hint = error.hint { lines.append("- hint: \(hint)") }
    return lines
  }

  // MARK: Parts

  private func title(of part: ReportPart) -> String {
    switch part {
    case .preflight: "Preflight"
    case .plan: "Plan"
    case .audit: "Audit"
    case .backup: "Backup"
    case .verification: "Verification"
    case .rehearsal(_, let standIn): "Rehearsal\(standIn)"
    case .change: "Changes"
    case .engineMessages(_, let inRehearsal): "Messages from the engine" + (inRehearsal ? " in the rehearsal" : "")
    case .sessionsEnded: "Sessions ended"
    case .losses: "What the rollback undoes"
    case .rewind: "The engine's own rewind"
    case .previousDatabases: "Previous database"
    case .proof: "Proof"
    }
  }

  private func body(of part: ReportPart) -> [String] {
    switch part {
    case .preflight(let findings): findings.map(line)
    case .plan(let lines), .sessionsEnded(let lines), .losses(let lines), .previousDatabases(let lines),
      .engineMessages(let lines, _):
      lines
    case .audit(let checks): checks.map { $0.line(showsRows: showsRows) }
    case .backup(let archive): archive.lines
    case .verification(let level, let tables, let standIn): [verification(level, tables, standIn)]
    case .rehearsal(let record, _), .change(let record):
      TableDelta.text(record.deltas).lines + record.findings.map(line) + record.timingLines
        + record.observationText.lines
    case .rewind(let bookmark, let undo):
      ["rewound to the bookmark \(bookmark)"] + undo.map { "undone by the bookmark \($0)" }
    case .proof(let proof): proof.lines
    }
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
      folders[folder] = (known.files + 1, known.bytes + member.bytes)
    }
    return lines
      + folders.sorted { $0.key < $1.key }.map {
        "\($0.key)  \(Counted.text($0.value.files, "file"))  \(ByteCount.text($0.value.bytes))"
      }
  }

  package var lines: [String] {
    ["archive \(path)", "size \(ByteCount.text(bytes))"]
      + memberLines + ["\(Counted.text(tables, "table")), \(Counted.rows(rows))"]
  }
}

extension ProofRecord {
  fileprivate var lines: [String] {
    [isSchemaEqual ? "schema equal" : "schema changed by others", "\(equalTables) of \(tables) tables equal"]
      + byOthers.map { "written by others since: \($0)" }
      + byEngine.map { "kept by the engine, which never rolls it back: \($0)" }
  }
}
