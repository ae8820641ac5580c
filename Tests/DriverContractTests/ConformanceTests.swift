import BelayConformance
import DriverTesting
import Foundation
import Testing

@Suite("Conformance of the drivers")
struct ConformanceTests {
  @Test("a driver keeps every rule, and no rule is skipped that could be tested", arguments: ConformanceSubject.all)
  func keeps(subject: ConformanceSubject) async throws {
    let results = try await subject.results()
    #expect(results.map(\.number) == Rule.all.map(\.number))
    for result in results where result.verdict == "fail" {
      Issue.record("rule \(result.number), \(result.text): \(result.reason ?? "")")
    }
    let skipped = Set(results.filter { $0.verdict == "skipped" }.map(\.number))
    let expected = subject.skipped.intersection(Rule.all.map(\.number))
    let reasons = results.filter { $0.verdict == "skipped" && !expected.contains($0.number) }
    #expect(skipped == expected, "\(reasons.map { "\($0.number): \($0.reason ?? "")" })")
    #expect(results.allSatisfy { $0.verdict == "pass" || $0.reason?.isEmpty == false })
  }

  @Test("the driver of D1 keeps them where each fifth call goes wrong, in another way each", arguments: [false, true])
  func storm(coreOnly: Bool) throws {
    let account = try FakeD1.shared().makeAccount(["query_seconds": 3, "rate_calls": 1_000_000])
    for fault in FakeD1Fault.storm(every: 5) { try account.arm(fault) }
    var subject = coreOnly ? ConformanceSubject.d1Core : .d1
    subject.url = { _ in "d1://\(account.id)/{}" }
    subject.environment = {
      ["CLOUDFLARE_API_TOKEN": account.token, "CLOUDFLARE_API_BASE_URL": account.baseURL]
    }
    let results = try BelayProgram.test(subject, ["--limit", "600"])
    for result in results where result.verdict == "fail" {
      Issue.record("rule \(result.number), \(result.text): \(result.reason ?? "")")
    }
    let skipped = Set(results.filter { $0.verdict == "skipped" }.map(\.number))
    #expect(skipped == subject.skipped.intersection(Rule.all.map(\.number)))
    #expect(try account.counts()["faults", default: 0] > 200)
    #expect(try account.counts()["credentials_leaked", default: 0] == 0)
  }

  @Test("a call that fails unexpectedly is named, and its SQL is quoted")
  func quoted() throws {
    let folder = try TemporaryFolder()
    let specimen = try folder.file("specimen.yaml", "schema:\n  - CREATE TABEL parent (id INTEGER)\n")
    var subject = ConformanceSubject.sqlite
    subject.specimen = nil
    let result = try BelayProgram.test(subject, ["--rule", "503", "--specimen", specimen]).first
    #expect(result?.verdict == "fail")
    #expect(
      result?.reason?.hasPrefix("execute failed, and should not have: ") == true
        && result?.reason?.hasSuffix("; the SQL was: CREATE TABEL parent (id INTEGER)") == true, "\(result as Any)")
  }

  @Test(
    "restore_steps that fail, or lose rows, are found",
    arguments: [
      (client: "echo no such thing >&2; exit 1", reason: "restore_steps failed: "),
      (
        client: "sed '/^INSERT/,/);$/d' | sqlite3 \"$@\"",
        reason: "loaded from the SQL text as restore_steps say, the rows of "
      ),
    ])
  func badSteps(_ steps: (client: String, reason: String)) throws {
    let folder = try TemporaryFolder()
    _ = try folder.file("sqlite3", "#!/bin/sh\nPATH=${PATH#*:}\n\(steps.client)\n", mode: 0o755)
    let path = ProcessInfo.processInfo.environment["PATH"] ?? ""
    let result = try BelayProgram.test(
      .sqlite, ["--rule", "507"], environment: ["PATH": "\(folder.path):\(path)"]
    ).first
    #expect(result?.reason?.hasPrefix(steps.reason) == true, "\(result as Any)")
  }

  @Test("D1's scratch databases follow the rules if they are files on this machine, too")
  func standIn() throws {
    let folder = try TemporaryFolder()
    let rules = [781, 782, 783, 784].flatMap { ["--rule", "\($0)"] }
    let results = try BelayProgram.test(
      .d1, rules + ["--option", "scratch=local", "--option", "scratch_dir=\(folder.path)"])
    #expect(results.map(\.verdict) == ["pass", "skipped", "skipped", "pass"], "\(results)")
  }
}
