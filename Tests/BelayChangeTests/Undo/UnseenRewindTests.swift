import BelayChange
import Testing

@Suite("The bookmarks behind which a rewind without an answer can be undone")
struct UnseenRewindTests {
  /// Each version from its moment on.
  private static func search(
    _ versions: [(from: Int64, bookmark: String)], mark: String, since: Int64, until: Int64
  ) -> (UnseenRewind, calls: Int) {
    var calls = 0
    let search = UnseenRewind(of: mark, since: since, until: until) { moment in
      calls += 1
      return versions.last { $0.from <= moment }?.bookmark ?? "none"
    }
    return (search, calls)
  }

  @Test(
    "each that was the present after the last known one is named, oldest first",
    arguments: [
      // Nobody wrote, and nothing was rewound.
      ([(0, "m")], []),
      ([(0, "m"), (150, "r")], ["r"]),
      ([(0, "m"), (101, "a"), (102, "b"), (103, "r")], ["a", "b", "r"]),
      // A write before the known one was taken.
      ([(0, "x"), (101, "m"), (140, "a"), (5000, "r")], ["a", "r"]),
      ([(0, "m"), (9999, "a"), (10_000, "r"), (10_001, "late")], ["a", "r"]),
      // The known one was the present for less than a millisecond.
      ([(0, "x"), (101, "a"), (140, "r")], ["x", "a", "r"]),
    ] as [([(Int64, String)], [String])])
  func named(versions: [(Int64, String)], expected: [String]) {
    let (search, _) = Self.search(versions.map { ($0.0, $0.1) }, mark: "m", since: 100, until: 10_000)
    #expect(search.bookmarks == expected)
    #expect(search.isComplete)
  }

  @Test func `an hour in which nobody writes costs a few calls`() {
    let (search, calls) = Self.search([(0, "m"), (1_000_000, "r")], mark: "m", since: 0, until: 3_600_000)
    #expect(search.bookmarks == ["r"])
    #expect(calls < 80)
  }

  @Test func `where others write all the time, the first moments are complete, and it says that there may be more`() {
    let versions = (0..<10_000).map { (from: Int64($0) * 7, bookmark: "v\($0)") }
    let (search, calls) = Self.search(versions, mark: "v0", since: 0, until: 70_000)
    #expect(calls <= UnseenRewind.mostCalls + 1)
    #expect(!search.isComplete)
    #expect(search.bookmarks.count > 30)
    #expect(search.bookmarks == (1...search.bookmarks.count).map { "v\($0)" })
    #expect(search.words.contains("or behind a later one"))
  }
}
