import BelayBase
import Testing

@Suite("why something failed, and what a script is told")
struct ErrorKindTests {
  @Test("each cause has the exit status that docs/exit-codes.md records", arguments: BelayError.Kind.allCases)
  func status(_ kind: BelayError.Kind) {
    let promised: Int32 =
      switch kind {
      case .declined, .failed: 1
      case .notFound: 10
      case .locked: 11
      case .wrongCode, .wrongKey, .changedMeanwhile: 12
      case .backupFailed: 20
      case .verificationFailed, .dumpRefused: 21
      case .refused, .cannotOpen: 22
      case .migrationFailed: 30
      case .checkFailed: 31
      case .stopped: 32
      case .outcomeUnknown, .notRolledBack: 40
      case .usage: 64
      case .interrupted: 130
      case .terminated: 143
      }
    #expect(ExitStatus(kind).rawValue == promised)
    #expect(RunResult(failure: BelayError(kind, "x")).status.rawValue == promised)
  }

  @Test("a run stays open only where the database may be in between", arguments: BelayError.Kind.allCases)
  func open(_ kind: BelayError.Kind) {
    #expect(kind.leavesRunOpen == (ExitStatus(kind) == .notRolledBack))
  }

  @Test("of several results the gravest gives the status, and all of them the summary and the output")
  func together() throws {
    let all = try #require(
      RunResult.together([
        RunResult(.done, "a is undone", undo: "x", output: ["a"]),
        RunResult(failure: BelayError(.notRolledBack, "b failed")),
        RunResult(.done, "c is undone", output: ["c"]),
      ]))
    #expect(all.status == .notRolledBack)
    #expect(all.summary == "3 runs: a is undone; b failed; c is undone")
    #expect(all.output == ["a", "c"])
    #expect(all.error?.message == "b failed")
    #expect(all.undo == nil)
    #expect(RunResult.together([]) == nil)
  }
}
