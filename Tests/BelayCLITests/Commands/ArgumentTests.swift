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
    arguments: [(59, "0 min"), (3540, "59 min"), (86_400, "24 h"), (10 * 86_400, "10 days"), (-86_400, "0 min")])
  func age(seconds: Int, expected: String) {
    #expect(DurationText.age(seconds) == expected)
  }
}
