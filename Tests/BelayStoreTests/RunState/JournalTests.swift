import CoreTesting
import Foundation
import SystemPackage
import Testing

@testable import BelayBase
@testable import BelayStore

@Suite("The journal of a run")
struct JournalTests {
  private let record = RunRecord(
    id: "r", kind: .migrate, target: nil, url: "x:y", folder: "/", identity: "x:/y", driver: "x",
    processID: 1)

  /// The steps of a journal that must be whole.
  private func read(_ path: FilePath) throws -> [Step] {
    let contents = Journal.contents(path)
    if let damage = contents.damage { throw damage }
    return contents.steps
  }

  @Test("steps come back in their order")
  func order() throws {
    let folder = try TemporaryFolder()
    let journal = try Journal(folder: folder.path)
    let steps: [Step] = [
      .began(record), .backingUp(archive: "r"),
      .applying(step: 0, of: 2, parts: ["1.sql"], transactional: true, receipts: "t"),
      .ended(status: .done, summary: "done", failure: nil),
    ]
    for step in steps { try journal.write(step) }
    #expect(try read(journal.path) == steps)
  }

  @Test("a line torn by a crash is left out, and the next step stands on a line of its own")
  func torn() throws {
    let folder = try TemporaryFolder()
    let path: FilePath
    do {
      let journal = try Journal(folder: folder.path)
      try journal.write(.began(record))
      try journal.write(.rehearsing)
      path = journal.path
    }
    let whole = try Data(contentsOf: URL(filePath: path.string))
    for cut in 1..<30 {
      try whole.dropLast(cut).write(to: URL(filePath: path.string))
      #expect(try read(path) == [.began(record)])
    }
    let resumed = try Journal(folder: folder.path)
    try resumed.write(.proven)
    #expect(try read(path) == [.began(record), .proven])
  }

  @Test("damage in the middle is said, not skipped")
  func damaged() throws {
    let folder = try TemporaryFolder()
    let journal = try Journal(folder: folder.path)
    for step in [Step.began(record), .rehearsing, .rehearsed] { try journal.write(step) }
    var bytes = try Data(contentsOf: URL(filePath: journal.path.string))
    let second = try #require(bytes.firstIndex(of: UInt8(ascii: "\n"))) + 3
    bytes[second] = 0
    try bytes.write(to: URL(filePath: journal.path.string))
    let error = #expect(throws: BelayError.self) { try read(journal.path) }
    #expect(error?.message.contains("line 2") == true)
  }

  @Test func `what lies around the damage can still be read`() throws {
    let folder = try TemporaryFolder()
    let journal = try Journal(folder: folder.path)
    for step in [Step.began(record), .rehearsing, .rehearsed] { try journal.write(step) }
    var lines = try String(contentsOfFile: journal.path.string, encoding: .utf8).split(separator: "\n")
    lines[1] = "{"
    try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: URL(filePath: journal.path.string))
    #expect(Journal.readable(journal.path) == [.began(record), .rehearsed])
    #expect(Journal.readable(folder.path.appending("nothing")) == [])
  }
}
