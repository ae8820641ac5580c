import BelayBase
import BelayCLI
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
