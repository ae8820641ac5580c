import BelayBase
import Testing

@testable import BelayCLI

@Suite("what is typed after a command")
struct ArgumentTests {
  struct Typed: Sendable {
    let words: [String]
    let target: String?
    let files: [String]
  }

  @Test(
    "migrate: a target, then files",
    arguments: [
      Typed(words: [], target: nil, files: []),
      Typed(words: ["shop"], target: "shop", files: []),
      Typed(words: ["shop", "1_down_a.sql", "b"], target: "shop", files: ["1_down_a.sql", "b"]),
      Typed(words: ["1_down_a.sql"], target: nil, files: ["1_down_a.sql"]),
      Typed(words: ["kind:dump.sql"], target: "kind:dump.sql", files: []),
      Typed(words: ["odd.sql", "1.sql"], target: "odd.sql", files: ["1.sql"]),
    ])
  func migrate(_ typed: Typed) {
    let (target, files) = MigrateCommand.split(typed.words, targets: ["shop", "odd.sql"])
    #expect(target == typed.target)
    #expect(files == typed.files)
  }

  @Test(
    "an age is told in the unit that fits",
    arguments: [
      ("2026-11-20T12:00:00Z", "0 min"), ("2026-11-20T11:01:00Z", "59 min"), ("2026-11-19T12:00:00Z", "24 h"),
      ("2026-11-10T12:00:00Z", "10 days"), ("2026-11-21T12:00:00Z", "0 min"),
    ])
  func age(moment: String, expected: String) throws {
    let now = try #require(Moment.parse("2026-11-20T12:00:00Z"))
    #expect(StatusCommand.age(of: moment, now: now) == expected)
  }
}
