import BelayBase
import BelayCLI
import BelayText
import Foundation
import Testing

@Suite("what a person reads")
struct TerminalRendererTests {
  private let results = MemoryOutput()
  private var seconds = 0.0

  /// Shows events one second after the other.
  private func show(
    _ events: [Event], terminal: Bool = false, columns: Int = 80, verbosity: TerminalRenderer.Verbosity = .normal,
    environment: [String: String] = ["NO_COLOR": "1"]
  ) -> String {
    let talk = MemoryOutput(isTerminal: terminal, columns: columns)
    var now = Duration.zero
    let renderer = TerminalRenderer(
      results: results, talk: talk, style: Style(isTerminal: terminal, environment: environment),
      verbosity: verbosity, now: { now })
    for event in events {
      renderer.show(event)
      now += .seconds(1)
    }
    return talk.text
  }

  private static let good: [Event] = [
    .run(RunStarted(id: "r1", journal: "/j")),
    .phase(PhaseStarted(.backup, "3 tables")),
    .log(LogLine(.info, "detail")),
    .log(LogLine(.notice, "news")),
    .finding(Finding(.note, source: "plan", subject: "orders", message: "is scanned")),
    .finding(
      Finding(.warning, source: "preflight", rule: "disk", subject: "/b", message: "is nearly full", hint: "make room")),
    .phase(PhaseStarted(.apply, "1 migration")),
    .section(Section("plan", ["a  1", "b  2"])),
    .result(
      reported(RunResult(.done, "1 migration applied", undo: "belay rollback r1", output: ["out"]))),
  ]

  private static func reported(_ result: RunResult) -> RunResult {
    var result = result
    result.report = "/r.md"
    return result
  }

  @Test("a run that goes well")
  func good() {
    let talk = show(Self.good)
    #expect(
      talk == """
        news
          note     orders: is scanned
          warning  /b: is nearly full  [disk]
                   hint: make room
        ok     backup     3 tables                                 5.0 s

        plan
          a  1
          b  2

        ok     apply      1 migration                              2.0 s
        report: /r.md
        1 migration applied
        to undo this:

        """)
  }

  @Test("results are on stdout, and the last line is the undo command")
  func undo() {
    _ = show(Self.good)
    #expect(results.text == "out\nbelay rollback r1\n")
  }

  @Test("-q leaves warnings and results")
  func quiet() {
    let talk = show(Self.good, verbosity: .quiet)
    #expect(talk == "  warning  /b: is nearly full  [disk]\n           hint: make room\n")
    #expect(results.text == "out\nbelay rollback r1\n")
  }

  @Test("-v adds the log, the run and the beginning of phases")
  func verbose() {
    let talk = show(Self.good, verbosity: .verbose)
    for line in ["run r1, journal /j\n", "backup begins  3 tables\n", "detail\n"] { #expect(talk.contains(line)) }
  }

  @Test("a failure says what, why, what state the database is in, and what to type")
  func failure() {
    let error = BelayError(
      .checkFailed, "orders lost 3 rows", hint: "declare it", state: "shop.db is as it was",
      causes: ["a cascade", "two\nlines"])
    let talk = show([
      .phase(PhaseStarted(.apply, "")), .phase(PhaseStarted(.check, "contract")), .phase(PhaseStarted(.back, "")),
      .phase(PhaseStarted(.prove, "")), .result(RunResult(failure: error, summary: "x")),
    ])
    #expect(
      talk == """
        ok     apply                                               1.0 s
        failed check      contract                                 1.0 s
        ok     rollback                                            1.0 s
        ok     prove                                               1.0 s
        error: orders lost 3 rows
          cause: a cascade
          cause: two
                 lines
          state: shop.db is as it was
          hint: declare it

        """)
  }

  @Test("a transaction that the engine rolled back is proven without more ado, and the fault is still the change's")
  func rolledBack() {
    let talk = show([
      .phase(PhaseStarted(.apply, "")), .phase(PhaseStarted(.prove, "")),
      .result(RunResult(failure: BelayError(.interrupted, "interrupted"), summary: "x")),
    ])
    #expect(talk.contains("failed apply") && talk.contains("ok     prove"))
  }

  @Test("a phase that fails without a rollback is marked")
  func refused() {
    let talk = show([
      .phase(PhaseStarted(.preflight, "")), .result(RunResult(failure: BelayError(.refused, "no"), summary: "x")),
    ])
    #expect(talk.hasPrefix("failed preflight"))
  }

  @Test("a table is fitted into a terminal, and whole in a file", arguments: [60, 80])
  func tables(columns: Int) {
    let name = "public." + String(repeating: "name_", count: 20)
    let section = Section("changed", parts: [.table(TextTable(header: ["table", "rows"], rows: [[name, "12"]]))])
    #expect(show([.section(section)], columns: columns).contains("  \(name)  12\n"))
    let lines = show([.section(section)], terminal: true, columns: columns).split(separator: "\n")
    #expect(lines.allSatisfy { $0.count <= columns })
    #expect(lines[1].hasSuffix("  rows") && lines[2].hasSuffix("  12") && lines[3].hasPrefix("  "), "\(lines)")
  }

  @Test("bars are drawn on a terminal only")
  func bars() {
    let events: [Event] = [
      .phase(PhaseStarted(.backup, "")),
      .progress(ProgressUpdate(what: "copying", done: 0, total: 4_000_000, unit: .bytes)),
      .progress(ProgressUpdate(what: "copying", done: 1_000_000, total: 4_000_000, unit: .bytes)),
    ]
    #expect(show(events) == "")
    let drawn = show(events, terminal: true)
    #expect(drawn.contains("  copying  [######..................]  25%  1.0 MB/s  3.0 s left"))
    #expect(show(events, terminal: true, verbosity: .quiet) == "")
  }

  @Test("the estimate is said once, and the time that is left counts down on the line of the phase")
  func estimate() {
    let estimate = RunEstimate([.init(.backup, milliseconds: 40_000), .init(.apply, milliseconds: 30_000)], basis: "b")
    let events: [Event] = [
      .estimate(estimate), .phase(PhaseStarted(.backup, "shop")), .phase(PhaseStarted(.verify, "shop")),
      .estimate(RunEstimate([.init(.apply, milliseconds: 1500)], basis: "b")), .phase(PhaseStarted(.apply, "shop")),
      .phase(PhaseStarted(.check, "shop")), .run(RunStarted(id: "r2", journal: "/j")),
      .phase(PhaseStarted(.backup, "after")),
    ]
    let drawn = show(events, terminal: true)
    #expect(drawn.components(separatedBy: "the run takes").count == 2)
    #expect(drawn.contains("the run takes about 70 s: backup about 40 s, apply about 30 s; b\n"), "\(drawn)")
    for line in [
      "...    backup     shop  about 69 s left in all", "...    verify     shop  about 68 s left in all",
      "...    apply      shop  less than 1 s left in all", "...    check      shop  longer than estimated",
    ] { #expect(drawn.contains(line), "\(line): \(drawn)") }
    // What comes after the run is not a part of it.
    #expect(drawn.hasSuffix("...    backup     after"), "\(drawn)")
    #expect(show(events, verbosity: .quiet) == "")
    #expect(!show(events).contains("left in all"))
  }

  @Test(
    "the estimate is not cut off where the line is longer than the terminal, and wide characters are counted as two")
  func longPhase() {
    let long = String(repeating: "表", count: 60)
    let drawn = show(
      [.estimate(RunEstimate([.init(.backup, milliseconds: 9000)], basis: "b")), .phase(PhaseStarted(.backup, long))],
      terminal: true, columns: 60)
    let line = drawn.split(whereSeparator: \.isNewline).last { $0.hasPrefix("...") } ?? ""
    #expect(line.hasSuffix("表  about 8 s left in all"), "\(line)")
    #expect(line.cells < 60)
  }

  @Test("nothing is drawn over the question and what is typed behind it")
  func asked() {
    let talk = MemoryOutput(isTerminal: true)
    let renderer = TerminalRenderer(
      results: results, talk: talk, style: Style(isTerminal: true, environment: [:]), verbosity: .normal,
      now: { .zero })
    renderer.show(.phase(PhaseStarted(.confirm, "")))
    renderer.tick()
    renderer.show(.question(Question(id: 1, kind: .yesNo, text: "go on?")))
    let shown = talk.text
    for _ in 0..<3 { renderer.tick() }
    #expect(talk.text == shown)
    renderer.show(.phase(PhaseStarted(.apply, "")))
    #expect(talk.text.contains("...    apply"))
  }

  @Test("a dumb terminal gets no movement of the cursor, and each line once")
  func dumb() {
    let drawn = show(Self.good, terminal: true, environment: ["TERM": "dumb"])
    #expect(!drawn.contains("\u{1B}") && !drawn.contains("\r") && !drawn.contains("..."), "\(drawn)")
    #expect(drawn.contains("ok     backup"))
  }

  @Test("a section of many tables is cut, with the number of those left out; -v, and a program, get all of them")
  func many() {
    let rows = (0..<500).map { ["t\($0)", "1"] }
    let section = Section(
      "changed", parts: [.table(TextTable(header: ["table", "rows"], rows: rows))] + rows.map { .line($0[0]) })
    let shown = show([.section(section)])
    // The lines that are no table's are all there.
    #expect(shown.split(separator: "\n").count == 1 + 41 + 1 + 500, "\(shown)")
    #expect(shown.contains("  t39    1\n  and 460 more: -v shows all\n  t0\n"), "\(shown)")
    #expect(show([.section(section)], verbosity: .verbose).contains("t499   1\n"))
    let json = MemoryOutput()
    JSONRenderer(output: json).show(.section(section))
    #expect(json.text.contains("t499   1"))
  }

  @Test("the backup of a change that has failed is offered for the next try, before the error and its hint")
  func reusable() {
    var result = RunResult(failure: BelayError(.migrationFailed, "no such table"), archive: "a1")
    result.reusable = "a1"
    #expect(
      show([.result(result)]) == """
        backup: a1 is kept; `--backup a1` with the same command uses it instead of making another one
        error: no such table

        """)
  }

  @Test("records and the tables of a result are fitted into a terminal, and whole in a file")
  func records() {
    let long = (0..<30).map { "word\($0)" }.joined(separator: " ")
    let table = TextTable(header: ["check", "found"], rows: [["c", long]])
    for terminal in [true, false] {
      let output = MemoryOutput(isTerminal: terminal, columns: 60)
      let renderer = TerminalRenderer(
        results: output, talk: MemoryOutput(), style: Style(isTerminal: false, environment: [:]), verbosity: .normal,
        now: { .zero })
      renderer.show([String](), as: [long])
      renderer.show(.diagnosis(Diagnosis(.store, .ok, long)))
      renderer.show(.result(RunResult(.done, "s").printing([.line(long), .table(table)])))
      let lines = output.text.split(separator: "\n")
      #expect(lines.allSatisfy { $0.count <= 60 } == terminal, "\(output.text)")
      #expect(lines.contains { $0 == long } == !terminal)
      #expect(lines.contains { $0.hasPrefix("         word") } == terminal, "\(output.text)")
    }
  }

  @Test("a line that is said takes the place of the bars, which come back under it")
  func erasure() {
    let drawn = show(
      [
        .phase(PhaseStarted(.backup, "")),
        .progress(ProgressUpdate(what: "copying", done: 1, total: 9, unit: .rows)),
        .log(LogLine(.notice, "news")),
      ], terminal: true)
    #expect(drawn.contains("\r\u{1B}[1A\u{1B}[Jnews\n...    backup"))
  }

  @Test(
    "colour is for terminals, and NO_COLOR and TERM=dumb turn it off",
    arguments: [
      (true, [:], true), (false, [:], false), (true, ["NO_COLOR": "1"], false), (true, ["NO_COLOR": ""], true),
      (true, ["TERM": "dumb"], false),
    ] as [(Bool, [String: String], Bool)])
  func colour(terminal: Bool, environment: [String: String], expected: Bool) {
    #expect((Style(isTerminal: terminal, environment: environment).red("x") != "x") == expected)
  }
}
