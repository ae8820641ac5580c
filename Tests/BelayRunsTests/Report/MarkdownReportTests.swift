import BelayBase
import BelayStore
import Foundation
import Testing

@testable import BelayRuns

@Suite("report.md")
struct MarkdownReportTests {
  /// What others may have written into a name, a value or a message.
  static let hostile = [
    "# Injected", "\n# Injected\n", "```\n# Injected", "````", "~~~\n# Injected", "<h1>Injected</h1>",
    "<script>alert(1)</script>", "[Injected](https://evil.example)", "![Injected](https://evil.example/x.png)",
    "| Injected | Injected |\n| --- | --- |", "- [ ] Injected", "1. Injected", "Injected\n===", "---", "    Injected",
    "\u{1B}[31mInjected\u{1B}]0;x\u{07}", "\u{202E}Injected", "\u{2028}# Injected", "a\r# Injected", "&lt;", "\\", "`",
    "``",
    "`` ` ``", "*Injected*", "https://evil.example",
  ]

  private func report(_ text: String) -> String {
    var result = RunResult(
      failure: BelayError(.failed, text, hint: text, state: text, causes: [text, "\(text)\n\(text)"]), summary: text,
      archive: text)
    result.undo = text
    let finding = Finding(.warning, source: text, rule: text, subject: text, message: text, hint: text, rows: [text])
    let record = CheckRecord(name: text, passes: false, description: text, rows: [text])
    let parts: [ReportPart] = [
      .preflight([finding]), .plan(lines: [text]), .audit([record]), .engineMessages([text], inRehearsal: true),
      .sessionsEnded([text]), .losses([text]), .rewind(to: text, undo: [text]), .previousDatabases([text]),
      .rehearsal(ChangeRecord(), standIn: text), .verification(level: .restore, tables: 3, standIn: text),
      .proof(ProofRecord(isSchemaEqual: true, equalTables: 1, tables: 1, byOthers: [text], byEngine: [text])),
    ]
    let report = RunReport(
      id: text, kind: .migrate, target: text, began: Date(timeIntervalSince1970: 0), ended: Date(), result: result,
      parts: parts, timeline: [])
    return MarkdownReport(report, showsRows: true).text
  }

  /// The lines that are Markdown: neither in a fence nor indented as code.
  private func markdown(_ text: String) -> [Substring] {
    var fence: Substring?
    return text.split(separator: "\n", omittingEmptySubsequences: false).filter { line in
      let ticks = line.prefix { $0 == "`" }
      if let open = fence {
        if ticks.count >= open.count, ticks.count == line.count { fence = nil }
        return false
      }
      if ticks.count >= 3, ticks.count == line.count {
        fence = ticks
        return false
      }
      return !line.hasPrefix("    ")
    }
  }

  /// A code span has as many ticks at its end as at its beginning, and within it none of that length.
  private func withoutSpans(_ line: Substring) -> String {
    var bare = ""
    var rest = line
    while let start = rest.firstIndex(of: "`") {
      bare += rest[..<start]
      let mark = rest[start...].prefix { $0 == "`" }
      rest = rest[mark.endIndex...]
      var inner = rest
      while let next = inner.firstIndex(of: "`") {
        let ticks = inner[next...].prefix { $0 == "`" }
        inner = inner[ticks.endIndex...]
        if ticks.count == mark.count {
          rest = inner
          break
        }
      }
    }
    return bare + rest
  }

  @Test("no value gets out of its place", arguments: hostile)
  func containment(value: String) {
    let text = report(value)
    let usual = report("value")
    // The same headings, and the same number of lines outside of blocks.
    let outside = markdown(text)
    #expect(outside.count == markdown(usual).count, "\(text)")
    #expect(outside.filter { $0.hasPrefix("#") }.count == markdown(usual).filter { $0.hasPrefix("#") }.count, "\(text)")
    for line in outside {
      let bare = withoutSpans(line).replacing(#/\\[^A-Za-z0-9 ]/#, with: "")
      #expect(!bare.contains("<") && !bare.contains("Injected]"), "\(line)")
      #expect(bare.hasPrefix("#") || !bare.contains("Injected"), "\(line)")
    }
    let control = text.unicodeScalars.first {
      $0.value != 0x0A && ($0.value < 0x20 || (0x7F..<0xA0).contains($0.value))
    }
    #expect(control == nil)
    #expect(!text.unicodeScalars.contains { $0.properties.isBidiControl || $0 == "\u{2028}" })
  }

  @Test("every fence is closed", arguments: hostile)
  func fences(value: String) {
    #expect(markdown(report(value) + "END").last == "END")
  }
}
