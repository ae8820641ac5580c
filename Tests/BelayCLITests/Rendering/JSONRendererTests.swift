import BelayBase
import BelayCLI
import Testing

@Suite("--json")
struct JSONRendererTests {
  private static let section = Section(
    "changed",
    parts: [
      .line("before"), .table(TextTable(header: ["table", "rows"], rows: [["a", "1"], ["b", "2"]])), .line("between"),
      .table(TextTable(header: ["x"], rows: [])), .line("after"),
    ])

  @Test("a section tells its tables as lines, and once more as cells")
  func tables() {
    let output = MemoryOutput()
    JSONRenderer(output: output).show(.section(Self.section))
    #expect(output.text.contains(#""lines":["before","table  rows","a      1","b      2","between","x","after"]"#))
    #expect(output.text.contains(#"{"header":["table","rows"],"line":1,"rows":[["a","1"],["b","2"]]}"#))
  }

  @Test("each event is one line that reads back as that event")
  func lines() throws {
    var failed = RunResult(
      failure: BelayError(.notRolledBack, "m", hint: "h", state: "s", causes: ["c"]), summary: "s", run: "r",
      archive: "a", output: ["o"])
    (failed.report, failed.undo) = ("p", "u")
    let events: [Event] = [
      .run(RunStarted(id: "r", journal: "/j")), .phase(PhaseStarted(.backup, "a\nb")),
      .progress(ProgressUpdate(what: "x", done: 1, total: 2, unit: .driver)), .log(LogLine(.error, "ü \"q\"")),
      .finding(Finding(.error, source: "s", rule: "r", subject: "t", message: "m", hint: "h")),
      .section(Section("t", ["1", "2"])), .section(Self.section), .question(Question(id: 1, kind: .code, text: "?")),
      .result(failed),
    ]
    let output = MemoryOutput()
    let renderer = JSONRenderer(output: output)
    for event in events { renderer.show(event) }
    let lines = output.text.split(separator: "\n")
    #expect(lines.count == events.count)
    #expect(try lines.map { try EventLine.decode(Event.self, from: Array($0.utf8)) } == events)
    #expect(lines[1] == #"{"detail":"a\nb","event":"phase","phase":"backup"}"#)
  }
}
