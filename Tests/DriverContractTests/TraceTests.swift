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

  @Test func `the call in which a driver crashes is the last one, without an end`() throws {
    let calls = try calls("301", mode: "crashes")
    #expect(calls.last?.hasPrefix("-> ") == true, "\(calls)")
  }
}
