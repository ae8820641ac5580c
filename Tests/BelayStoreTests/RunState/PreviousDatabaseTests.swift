import BelayBase
import Foundation
import Testing

@testable import BelayStore

@Suite("Previous databases, as the journals tell of them")
struct PreviousDatabaseTests {
  private let record = RunRecord(
    id: "r", kind: .rollback, target: nil, url: "x:y", folder: "/", identity: "x:/y", driver: "x",
    processID: 1)

  private func kept(_ name: String, until: String = "2026-11-20T14:30:22Z") -> Step {
    .keptPrevious(name: name, url: "x:" + name, until: until, swapped: true)
  }

  @Test func `one is kept until its journal says that it was dropped, also behind the run's end`() {
    let steps: [Step] = [.began(record), kept("a"), kept("b"), .ended(status: .done, summary: "", failure: nil)]
    #expect(PreviousDatabase.kept(in: steps).map(\.name) == ["a", "b"])
    #expect(PreviousDatabase.kept(in: steps + [.droppedScratch(name: "a")]).map(\.name) == ["b"])
    let swapping = Step.keepingPrevious(name: "a", url: "x:a", until: "")
    #expect(PreviousDatabase.kept(in: [.began(record), swapping]).map(\.name) == ["a"])
    #expect(PreviousDatabase.kept(in: [.began(record), swapping, kept("a")]).map(\.until) == ["2026-11-20T14:30:22Z"])
    #expect(PreviousDatabase.kept(in: [.began(record), swapping, .droppedScratch(name: "a")]) == [])
    #expect(PreviousDatabase.kept(in: [kept("a")]) == [])
  }

  @Test func `a copy that a run could not drop is left once the run has ended, and its time is over at once`() {
    let made = Step.creatingScratch(name: "a", url: "x:a")
    let ended = Step.ended(status: .done, summary: "", failure: nil)
    #expect(PreviousDatabase.kept(in: [.began(record), made]) == [])
    let left = PreviousDatabase.kept(in: [.began(record), made, ended])
    #expect(left.map(\.isCopy) == [true])
    #expect(left.allSatisfy { $0.isOver(at: Date()) })
    #expect(PreviousDatabase.kept(in: [.began(record), made, .droppedScratch(name: "a"), ended]) == [])
    #expect(PreviousDatabase.kept(in: [.began(record), made, kept("a"), ended]).map(\.isCopy) == [false])
    #expect(PreviousDatabase.kept(in: [.began(record), made, ended, .droppedScratch(name: "a")]) == [])
  }

  @Test(arguments: [
    ("2026-11-20T14:30:22Z", "2026-11-20T14:30:21Z", false), ("2026-11-20T14:30:22Z", "2026-11-20T14:30:22Z", true),
    ("some day", "2036-11-20T14:30:22Z", false),
  ])
  func `a moment that is not over, or cannot be read, keeps it`(until: String, now: String, isOver: Bool) throws {
    let previous = PreviousDatabase(run: record, name: "a", url: "x:a", until: until)
    #expect(previous.isOver(at: try #require(Moment.parse(now))) == isOver)
  }
}
