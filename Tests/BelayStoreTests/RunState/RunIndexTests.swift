import BelayBase
import CoreTesting
import Foundation
import SystemPackage
import Testing

@testable import BelayStore

/// A crash leaves the index and the journals at odds in some way or other. Each way is made here by hand.
@Suite("The index of runs")
struct RunIndexTests {
  private let folder: TemporaryFolder
  private let runs: RunState

  init() throws {
    folder = try TemporaryFolder()
    runs = Store(folder.path).runs
    try runs.prepare()
  }

  private static func record(_ id: String, on target: String = "x:/y", kind: RunRecord.Kind = .rollback) -> RunRecord {
    RunRecord(
      id: id, kind: kind, target: nil, url: target, folder: "/", identity: target, driver: "x", processID: 1
    )
  }

  private func entries(_ kind: RunIndex.Kind) throws -> [String] { try runs.index.entries(kind).map(\.run) }
  private func end(_ record: RunRecord, _ journal: Journal) throws {
    try runs.end(record, journal, as: RunEnding(status: .done, summary: "", failure: nil))
  }

  private func kept(_ name: String) -> Step {
    .keptPrevious(name: name, url: "x:" + name, until: "2026-11-20T14:30:22Z", swapped: true)
  }

  private func rewriteLine(_ line: Int, of id: String) throws {
    let path = runs.journal(of: id).string
    var lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map(String.init)
    lines[line] = "nonsense"
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: path))
  }

  // MARK: A run's life

  @Test func `a run is open from its first line to its last, for its own target`() throws {
    let (one, other) = (Self.record("1"), Self.record("2", on: "x:/other"))
    let journal = try runs.begin(one)
    _ = try runs.begin(other)
    #expect(try runs.openRuns().map(\.record) == [one, other])
    #expect(try runs.openRuns(of: "x:/y").map(\.record) == [one])
    #expect(try runs.openRun("1")?.record == one)
    try end(one, journal)
    #expect(try runs.openRuns().map(\.record) == [other])
    #expect(try runs.openRun("1") == nil)
    #expect(runs.ending(of: "1")?.status == .done)
    #expect(try entries(.open) == ["2"])
  }

  @Test func `a run that cannot be entered does not begin, and leaves nothing`() throws {
    let blocked = folder.path.appending("index/open")
    try FileManager.default.removeItem(atPath: blocked.string)
    _ = try folder.write("no folder", to: "index/open")
    #expect(mkdir(runs.folder(of: "1").string, 0o700) == 0)
    #expect(throws: BelayError.self) { try runs.begin(Self.record("1")) }
    runs.giveBack("1")
    #expect(!FileManager.default.fileExists(atPath: runs.folder(of: "1").string))
  }

  // MARK: Killed in between

  @Test(arguments: [nil, "", "{\"seq\":0,\"ti"])
  func `killed between the entry and the first line: it is no open run, and the next on its target clears it away`(
    journal: String?
  ) throws {
    try runs.index.add(.open, Self.record("1"))
    if let journal {
      try Durable.makeFolder(runs.folder(of: "1"))
      _ = try folder.write(journal, to: "runs/1/journal.ndjson")
    }
    #expect(try runs.openRuns() == [])
    #expect(try runs.openRun("1") == nil)
    // It may be just about to begin: only who holds the target knows better.
    #expect(try entries(.open) == ["1"])
    try runs.forgetUnbegun(of: "x:/other")
    #expect(try entries(.open) == ["1"])
    try runs.forgetUnbegun(of: "x:/y")
    #expect(try entries(.open) == [])
  }

  @Test func `killed between the last line and removing the entry: it has ended, and the next reader removes it`()
    throws
  {
    let journal = try runs.begin(Self.record("1"))
    try journal.write(.ended(status: .done, summary: "", failure: nil))
    #expect(try entries(.open) == ["1"])
    #expect(try runs.openRuns() == [])
    #expect(try entries(.open) == [])
  }

  @Test func `what a run leaves behind is in the index before its end is in the journal`() throws {
    let journal = try runs.begin(Self.record("1"))
    for step in [Step.creatingScratch(name: "copy", url: "x:copy"), kept("back")] { try journal.write(step) }
    #expect(try runs.previousDatabases().map(\.name) == ["back"])
    // Killed right before its last line.
    try runs.index.add(.kept, Self.record("1"))
    #expect(try runs.previousDatabases().map(\.name) == ["back"])
    #expect(try runs.openRuns().count == 1)
    try end(Self.record("1"), journal)
    #expect(try runs.previousDatabases(of: "x:/y").map(\.name) == ["copy", "back"])
    #expect(try runs.previousDatabases(of: "x:/other") == [])
    #expect(try entries(.open) == [])
  }

  @Test func `a run whose leavings cannot be entered stays open, and ends when they can`() throws {
    let journal = try runs.begin(Self.record("1"))
    try journal.write(kept("back"))
    let blocked = folder.path.appending("index/kept")
    try FileManager.default.removeItem(atPath: blocked.string)
    _ = try folder.write("no folder", to: "index/kept")
    #expect(throws: BelayError.self) { try end(Self.record("1"), journal) }
    #expect(try runs.openRuns().map(\.record.id) == ["1"])
    try FileManager.default.removeItem(atPath: blocked.string)
    try end(Self.record("1"), journal)
    #expect(try runs.previousDatabases().map(\.name) == ["back"])
  }

  @Test func `the entry goes with the last database that is dropped`() throws {
    let journal = try runs.begin(Self.record("1"))
    for step in [kept("a"), kept("b")] { try journal.write(step) }
    try end(Self.record("1"), journal)
    for (left, previous) in zip([["b"], []], try runs.previousDatabases()) {
      try runs.noteDropped(previous)
      #expect(try runs.previousDatabases().map(\.name) == left)
    }
    #expect(try entries(.kept) == [])
  }

  @Test func `killed between dropping the last one and removing the entry: the next reader removes it`() throws {
    let journal = try runs.begin(Self.record("1"))
    try journal.write(kept("a"))
    try end(Self.record("1"), journal)
    try Journal(folder: runs.folder(of: "1")).write(.droppedScratch(name: "a"))
    #expect(try entries(.kept) == ["1"])
    #expect(try runs.previousDatabases() == [])
    #expect(try entries(.kept) == [])
  }

  // MARK: Damage

  @Test func `a run whose first line is damaged is known by its entry, and stays open`() throws {
    let journal = try runs.begin(Self.record("1", kind: .restore))
    try journal.write(.rehearsing)
    try rewriteLine(0, of: "1")
    let open = try #require(try runs.openRuns(of: "x:/y").first)
    #expect(open.record == Self.record("1", kind: .restore))
    #expect(open.damage?.message.contains("line 1") == true)
    #expect(try runs.openRun("1")?.damage != nil)
    #expect(try runs.openRuns(of: "x:/other") == [])
  }

  @Test func `previous databases are found behind damage, also of the first line`() throws {
    for (id, line) in [("1", 0), ("2", 1)] {
      let journal = try runs.begin(Self.record(id))
      for step in [.rehearsing, kept("of-" + id)] { try journal.write(step) }
      try end(Self.record(id), journal)
      try rewriteLine(line, of: id)
    }
    #expect(try runs.previousDatabases().map(\.name) == ["of-1", "of-2"])
  }

  @Test func `an entry whose folder a person has taken away is no open run`() throws {
    _ = try runs.begin(Self.record("1"))
    try FileManager.default.removeItem(atPath: runs.folder(of: "1").string)
    #expect(try runs.openRuns() == [])
  }

  // MARK: Making it

  /// An open run, an ended one, and one that has left a database behind: with and without an index.
  private func threeRuns() throws {
    _ = try runs.begin(Self.record("open"))
    try end(Self.record("over"), try runs.begin(Self.record("over")))
    let journal = try runs.begin(Self.record("left"))
    try journal.write(kept("a"))
    try end(Self.record("left"), journal)
  }

  private func expectThreeRuns(in runs: RunState, sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try runs.openRuns().map(\.record.id) == ["open"], sourceLocation: sourceLocation)
    #expect(try runs.previousDatabases().map(\.run.id) == ["left"], sourceLocation: sourceLocation)
  }

  @Test func `it is made once of the journals of an earlier belay, and its stale entries go`() throws {
    try threeRuns()
    try FileManager.default.removeItem(atPath: folder.path.appending("index").string)
    try FileManager.default.removeItem(atPath: runs.runsFolder.appending(".stamp").string)
    #expect(!runs.index.isComplete)
    try expectThreeRuns(in: runs)
    #expect(runs.index.isComplete)
    #expect(try entries(.open) == ["open"])
    #expect(try entries(.kept) == ["left"])
    // From now on it is asked alone. Nobody but a person makes a folder without an entry, and can name it.
    _ = try Journal(folder: runs.folder(of: "brought")).write(.began(Self.record("brought")))
    #expect(try runs.openRuns().map(\.record.id) == ["open"])
    #expect(try runs.openRun("brought") != nil)
  }

  @Test(arguments: ["index", "index/complete", "runs/.stamp"])
  func `it is made again where a part of it is missing`(part: String) throws {
    try threeRuns()
    _ = try Journal(folder: runs.folder(of: "brought")).write(.began(Self.record("brought")))
    try FileManager.default.removeItem(atPath: folder.path.appending(part).string)
    #expect(try runs.openRuns().map(\.record.id) == ["brought", "open"])
    #expect(try runs.previousDatabases().map(\.run.id) == ["left"])
  }

  @Test(arguments: ["", "runs"])
  func `it is made again for a store, or a folder of runs, that was copied or restored`(part: String) throws {
    try threeRuns()
    // The copy of a store is not of one moment: here a run began when its index had been copied already.
    let entry = try #require(
      try FileManager.default.contentsOfDirectory(atPath: folder.path.appending("index/open").string).first)
    let original = part.isEmpty ? folder.path : folder.path.appending(part)
    let copy = try TemporaryFolder()
    for name in try FileManager.default.contentsOfDirectory(atPath: original.string) {
      try FileManager.default.copyItem(
        atPath: original.appending(name).string, toPath: copy.path.appending(name).string)
    }
    let restored: RunState
    if part.isEmpty {
      restored = Store(copy.path).runs
    } else {
      try FileManager.default.removeItem(atPath: original.string)
      try FileManager.default.moveItem(atPath: copy.path.string, toPath: original.string)
      restored = runs
    }
    unlink(restored.root.appending("index/open").appending(entry).string)
    #expect(!restored.index.isComplete)
    try expectThreeRuns(in: restored)
  }

  @Test func `a store that cannot be written to is read without it`() throws {
    try threeRuns()
    try FileManager.default.removeItem(atPath: folder.path.appending("index").string)
    // Nobody can make a folder there, whoever the test runs as.
    try FileManager.default.createSymbolicLink(
      atPath: folder.path.appending("index").string, withDestinationPath: "/nothing/here")
    try expectThreeRuns(in: runs)
    #expect(throws: BelayError.self) { try runs.prepare() }
  }

  @Test func `looking at a store that is not there makes none`() throws {
    let nowhere = folder.path.appending("nowhere")
    #expect(try Store(nowhere).runs.openRuns() == [])
    #expect(try Store(nowhere).runs.previousDatabases() == [])
    #expect(!FileManager.default.fileExists(atPath: nowhere.string))
  }

  @Test func `several processes may make it at once, while others begin and end runs`() throws {
    try threeRuns()
    let root = folder.path
    for round in 0..<4 {
      try FileManager.default.removeItem(atPath: root.appending("index").string)
      let failures = Failures()
      DispatchQueue.concurrentPerform(iterations: 6) { number in
        do {
          let runs = Store(root).runs
          try runs.prepare()
          let own = Self.record("at-once-\(round)-\(number)", on: "x:/\(number)", kind: .backup)
          let journal = try runs.begin(own)
          guard try runs.openRuns(of: "x:/\(number)").map(\.record.id) == [own.id] else { return failures.add("lost") }
          try runs.end(own, journal, as: RunEnding(status: .done, summary: "", failure: nil))
          guard try runs.openRuns(of: "x:/\(number)") == [] else { return failures.add("left") }
        } catch {
          failures.add("\(error)")
        }
      }
      #expect(failures.all == [])
      try expectThreeRuns(in: runs)
    }
  }
}

private final class Failures: @unchecked Sendable {
  // Unchecked: the lock sees to it.
  private let lock = NSLock()
  private var found: [String] = []
  var all: [String] { lock.withLock { found } }
  func add(_ failure: String) { lock.withLock { found.append(failure) } }
}
