import BelayBase
import BelayStore
import CoreTesting
import Foundation
import SystemPackage
import Testing

@testable import BelayDatabase

@Suite("Former databases, as the journals tell of them")
struct FormerDatabaseTests {
  private let record = RunRecord(
    id: "r", kind: .rollback, target: nil, url: "x:y", folder: "/", identity: "x:/y", driver: "x",
    processID: 1)

  private func kept(_ name: String, until: String = "2026-11-20T14:30:22Z") -> Step {
    .keptFormer(name: name, url: "x:" + name, until: until, swapped: true)
  }

  @Test func `one is kept until its journal says that it was dropped, also behind the run's end`() {
    let steps: [Step] = [.began(record), kept("a"), kept("b"), .ended(status: .done, summary: "", failure: nil)]
    #expect(FormerDatabase.kept(in: steps).map(\.name) == ["a", "b"])
    #expect(FormerDatabase.kept(in: steps + [.droppedScratch(name: "a")]).map(\.name) == ["b"])
    let swapping = Step.keepingFormer(name: "a", url: "x:a", until: "")
    #expect(FormerDatabase.kept(in: [.began(record), swapping]).map(\.name) == ["a"])
    #expect(FormerDatabase.kept(in: [.began(record), swapping, kept("a")]).map(\.until) == ["2026-11-20T14:30:22Z"])
    #expect(FormerDatabase.kept(in: [.began(record), swapping, .droppedScratch(name: "a")]) == [])
    #expect(FormerDatabase.kept(in: [kept("a")]) == [])
  }

  @Test func `a copy that a run could not drop is left once the run has ended, and its time is over at once`() {
    let made = Step.creatingScratch(name: "a", url: "x:a")
    let ended = Step.ended(status: .done, summary: "", failure: nil)
    #expect(FormerDatabase.kept(in: [.began(record), made]) == [])
    let left = FormerDatabase.kept(in: [.began(record), made, ended])
    #expect(left.map(\.isCopy) == [true])
    #expect(left.allSatisfy { $0.isOver(at: Date()) })
    #expect(FormerDatabase.kept(in: [.began(record), made, .droppedScratch(name: "a"), ended]) == [])
    #expect(FormerDatabase.kept(in: [.began(record), made, kept("a"), ended]).map(\.isCopy) == [false])
    #expect(FormerDatabase.kept(in: [.began(record), made, ended, .droppedScratch(name: "a")]) == [])
  }

  @Test(arguments: [
    ("2026-11-20T14:30:22Z", "2026-11-20T14:30:21Z", false), ("2026-11-20T14:30:22Z", "2026-11-20T14:30:22Z", true),
    ("some day", "2036-11-20T14:30:22Z", false),
  ])
  func `a moment that is not over, or cannot be read, keeps it`(until: String, now: String, isOver: Bool) throws {
    let former = FormerDatabase(run: record, name: "a", url: "x:a", until: until)
    #expect(former.isOver(at: try #require(Moment.parse(now))) == isOver)
  }

  @Test func `the store finds them in every journal, damaged ones too`() throws {
    let folder = try TemporaryFolder()
    let store = Store(folder.path)
    try store.prepare()
    for (id, name) in [("1", "a"), ("2", "b")] {
      var record = record
      record.id = id
      let journal = try Journal(folder: store.runFolder(id))
      for step in [.began(record), .rehearsing, kept(name)] { try journal.write(step) }
    }
    let damaged = store.runFolder("2").appending(Journal.fileName).string
    let lines = try String(contentsOfFile: damaged, encoding: .utf8).split(separator: "\n")
    try Data("\(lines[0])\nnonsense\n\(lines[2])\n".utf8).write(to: URL(filePath: damaged))
    #expect(store.formers().map(\.name) == ["a", "b"])
    #expect(store.formers().map(\.run.id) == ["1", "2"])
  }
}
