import BelayBase
import BelayStore
import Foundation
import SystemPackage

/// `STORE/runs/ID/report.md`: what the run did, what it found, and how to undo it. Collected while the run goes on.
package final class Report {
  private struct Part {
    let title: String
    var lines: [String]
  }

  private let id: String
  private let kind: RunRecord.Kind
  private let target: String
  private let began: Date
  private var parts: [Part] = []
  private var phases: [(name: String, began: Date)] = []

  package init(id: String, kind: RunRecord.Kind, target: String, began: Date) {
    self.id = id
    self.kind = kind
    self.target = target
    self.began = began
  }

  package func add(_ title: String, _ lines: [String]) { parts.append(Part(title: title, lines: lines)) }
  package func add(_ section: Section) { add(section.title, section.lines) }
  package func enter(_ phase: Phase) { phases.append((phase.rawValue, Date())) }

  package func write(_ result: RunResult, to folder: FilePath) throws -> FilePath {
    let path = folder.appending("report.md")
    try Durable.write(Data(text(result).utf8), to: path)
    return path
  }

  private func text(_ result: RunResult) -> String {
    var lines = ["# \(kind.rawValue) \(id)", ""]
    lines += ["- result: \(result.summary) (exit \(result.status.rawValue))", "- target: \(target)"]
    lines += ["- began: \(Moment.iso(began))", "- ended: \(Moment.iso(Date()))"]
    if let archive = result.archive { lines.append("- backup: \(archive)") }
    if let error = result.error {
      lines += ["", "## What went wrong", "", error.message] + error.causes.map { "- \($0)" }
      if let state = error.state { lines.append("- state: \(state)") }
      if let hint = error.hint { lines.append("- hint: \(hint)") }
    }
    for part in parts {
      lines += ["", "## \(part.title)", "", "```"] + part.lines + ["```"]
    }
    if !phases.isEmpty {
      lines += ["", "## Timings", "", "| phase | seconds |", "| --- | --- |"]
      for (index, phase) in phases.enumerated() {
        let end = index + 1 < phases.count ? phases[index + 1].began : Date()
        lines.append("| \(phase.name) | \(String(format: "%.2f", end.timeIntervalSince(phase.began))) |")
      }
    }
    if let undo = result.undo { lines += ["", "## Undo", "", "    \(undo)"] }
    return lines.joined(separator: "\n") + "\n"
  }
}
