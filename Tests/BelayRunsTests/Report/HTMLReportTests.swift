import BelayArchive
import BelayBase
import BelayStore
import Foundation
import Testing

@testable import BelayRuns

@Suite("report.html")
struct HTMLReportTests {
  /// A report in which every text of others is the same.
  private func report(_ text: String, deltas: [TableDelta] = [], showsRows: Bool = true) -> String {
    var result = RunResult(
      failure: BelayError(.failed, text, hint: text, state: text, causes: [text, "\(text)\n\(text)"]), summary: text,
      archive: text)
    result.undo = text
    let finding = Finding(.warning, source: text, rule: text, subject: text, message: text, hint: text, rows: [text])
    let check = CheckRecord(name: text, passes: false, description: text, rows: [text])
    let table = TableName(schema: text, name: text)
    var change = ChangeRecord()
    change.deltas = deltas + [TableDelta(table: table, before: 3, after: 1, change: .collateral)]
    change.findings = [finding]
    change.timings = [.init(place: text, seconds: 1)]
    change.ledgerLines = [text]
    change.observations = [
      StepObservation(
        parts: [text], locks: .observed, seconds: 1,
        tables: [
          ObservedTable(
            schema: text, table: text, rows: 1, lock: text, writesBlocked: .init(since: text, milliseconds: 5))
        ])
    ]
    let rows = SpotCheckRecord.Rows(columns: [text], rows: [[text]], isCut: true)
    let parts: [ReportPart] = [
      .preflight([finding]), .plan(lines: [text]),
      .files([PartRecord(name: text, text: "\(text)\n\(text)", statements: 2)]),
      .audit([check]), .backup(ArchiveRecord(path: text, bytes: 1, members: [], tables: 1, rows: 1)),
      .engineMessages([text], inRehearsal: true), .sessionsEnded([text]), .losses([text]),
      .rewind(to: text, undo: [text]), .previousDatabases([text]), .rehearsal(change, standIn: text), .change(change),
      .validations([check]), .unchanged([TableCount(table: table, rows: 4)]), .writtenByOthers([text]),
      .spotChecks([SpotCheckRecord(name: text, before: .rows(rows), after: .failed(text))]), .saved([text]),
      .verification(level: .restore, tables: 3, standIn: text),
      .proof(ProofRecord(isSchemaEqual: true, equalTables: 1, tables: 1, byOthers: [text], byEngine: [text])),
    ]
    let began = Date(timeIntervalSince1970: 0)
    let report = RunReport(
      id: text, kind: .migrate, target: text,
      facts: RunFacts(
        user: text, host: text, name: text, belay: text, driver: text, server: text, store: text), began: began,
      ended: began.addingTimeInterval(9), result: result, parts: parts,
      timeline: [RunReport.Span(phase: .apply, began: began.addingTimeInterval(1), seconds: 4)])
    return HTMLReport(report, showsRows: showsRows).text
  }

  /// The tags of a page, one by one, and the text between them.
  private func pieces(_ page: String) -> (tags: [String], text: String) {
    var (tags, text) = ([String](), "")
    var rest = page[...]
    while let open = rest.firstIndex(of: "<") {
      text += rest[..<open]
      guard let close = rest[open...].firstIndex(of: ">") else { break }
      tags.append(String(rest[open...close]))
      rest = rest[rest.index(after: close)...]
    }
    return (tags, text + rest)
  }

  @Test(
    "no value becomes a tag, an attribute or a control character",
    arguments: MarkdownReportTests.hostile + ["'\" onload=x", "</style>", "-->", "\u{0}"])
  func containment(value: String) {
    let (tags, whole) = pieces(report(value))
    // Behind the style sheet, which is belay's own.
    let text = whole[(whole.firstRange(of: "content-visibility: visible")?.upperBound ?? whole.endIndex)...]
    #expect(tags == pieces(report("value")).tags)
    #expect(!text.contains("<") && !text.contains(">"))
    let page = report(value)
    let control = page.unicodeScalars.first {
      $0.value != 0x0A && ($0.value < 0x20 || (0x7F..<0xA0).contains($0.value))
    }
    #expect(control == nil)
    #expect(!page.unicodeScalars.contains { $0.properties.isBidiControl || $0 == "\u{2028}" })
  }

  @Test("nothing in it is fetched from anywhere, and nothing in it runs")
  func selfContained() {
    let tags = pieces(report("value")).tags
    for tag in tags {
      #expect(
        !tag.contains("src=") && !tag.contains("href=") && !tag.contains("http:") && !tag.contains("https:"), "\(tag)")
      #expect(tag.firstMatch(of: #/ on[a-z]+=/#) == nil, "\(tag)")
    }
    #expect(!tags.contains { $0.hasPrefix("<script") || $0.hasPrefix("<link") || $0.hasPrefix("<iframe") })
    #expect(!report("value").contains("url("))
  }

  @Test("every element is closed, in order, and no heading leaves a level out")
  func wellFormed() {
    var open: [Substring] = []
    var level = 0
    let empty: Set<Substring> = ["meta", "!DOCTYPE"]
    for tag in pieces(report("value")).tags {
      let isEnd = tag.hasPrefix("</")
      let name = tag.dropFirst(isEnd ? 2 : 1).prefix { $0 != " " && $0 != ">" }
      if empty.contains(name) { continue }
      if isEnd {
        #expect(open.popLast() == name, "\(tag)")
        continue
      }
      open.append(name)
      if name.count == 2, name.first == "h", let heading = Int(name.dropFirst()) {
        #expect(heading <= level + 1, "\(tag) after h\(level)")
        level = heading
      }
    }
    #expect(open.isEmpty)
  }

  @Test(
    "of many tables the first ones are shown, those with a loss that nobody meant before all others, and the rest is folded"
  )
  func many() {
    let deltas = (0..<500).map {
      TableDelta(table: TableName(schema: "", name: "t\($0)"), before: 1, after: UInt64($0), change: .intended)
    }
    let page = report("loss", deltas: deltas)
    #expect(page.contains("461 tables more"))
    let loss = page.firstRange(of: "not named by any statement")
    let first = page.firstRange(of: "<td>t0</td>")
    #expect(loss != nil && first != nil && loss?.lowerBound ?? page.endIndex < first?.lowerBound ?? page.startIndex)
    #expect(page.contains("<td>t499</td>"))
    #expect(page.contains("width:100%"))
  }

  @Test("values of rows that a check found are in it only where belay.yaml says so")
  func rows() {
    #expect(report("value").contains("<code>first: value</code>"))
    #expect(!report("value", showsRows: false).contains("first: value"))
  }
}
