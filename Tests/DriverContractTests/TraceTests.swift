import DriverTesting
import Testing

/// `belay driver test --trace`.
@Suite struct TraceTests {
  private func calls(_ rule: String, mode: String = "") throws -> [String] {
    let records = try BelayProgram.test(
      .faulty, ["--rule", rule, "--trace"], environment: mode.isEmpty ? [:] : ["BELAY_FAULTY": mode])
    return try #require(records.first?.calls)
  }

  @Test func `every call is there with its SQL text, and with its end`() throws {
    let calls = try calls("403")
    #expect(calls.first == "-> open" && calls[1] == "<- ok")
    #expect(calls.contains { $0.hasPrefix("-> execute: INSERT INTO ") }, "\(calls)")
    #expect(calls.contains { $0.hasPrefix("<- failed (constraint, notApplied): ") }, "\(calls)")
    let ends = calls.count { $0.hasPrefix("<- ") }
    #expect(ends * 2 == calls.count, "\(calls)")
  }

  /// An engine may make unquoted names upper case, and then find none of them under the name that the suite knows.
  @Test func `every table that the suite itself makes is named in quotes`() throws {
    let ofSpecimen: Set = ["parent", "child", "fresh", "n", "Belay_Folds"]
    let lines = try BelayProgram.test(.faulty, ["--trace"]).flatMap { $0.calls ?? [] }
    var quoted = 0
    for shown in lines where shown.hasPrefix("-> ") {
      // The last word of a long text may be cut.
      let line = shown.hasSuffix(" …") ? String(shown.split(separator: " ").dropLast(2).joined(separator: " ")) : shown
      for match in line.matches(of: /\b(?:FROM|INTO|TABLE|UPDATE) +(?:IF EXISTS +)?([\w"]+)/) {
        let name = String(match.1)
        if name.hasPrefix("\"") { quoted += 1 } else { #expect(ofSpecimen.contains(name), "\(line)") }
      }
    }
    #expect(quoted > 100)
  }

  @Test func `the call in which a driver crashes is the last one, without an end`() throws {
    let calls = try calls("301", mode: "crashes")
    #expect(calls.last?.hasPrefix("-> ") == true, "\(calls)")
  }
}
