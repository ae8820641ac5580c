import BelayBase
import CoreTesting
import Foundation
import SystemPackage
import Testing

@testable import BelayStore

@Suite("The audit log")
struct AuditLogTests {
  private let folder: TemporaryFolder
  private let runs: RunState
  private let log: AuditLog
  private var file: URL { URL(filePath: runs.auditLog.string) }

  init() throws {
    folder = try TemporaryFolder()
    runs = RunState(folder.path)
    try runs.prepare()
    log = AuditLog(runs: runs)
  }

  /// A run that has ended, and its line.
  private func end(_ id: String, _ summary: String = "done") throws {
    let record = RunRecord(
      id: id, kind: .backup, target: nil, url: "acme:x", folder: "/", identity: "x", driver: "acme", processID: 1)
    let journal = try runs.begin(record)
    try log.append(action: "backup", target: "acme:x", run: id, status: .done, summary: summary, now: Date())
    try runs.end(record, journal, as: RunEnding(status: .done, summary: summary, failure: nil))
  }

  private func lines() throws -> [String] {
    try String(contentsOf: file, encoding: .utf8).split(separator: "\n").map(String.init)
  }

  private func write(_ lines: [String]) throws { try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: file) }

  @Test("its chain holds over lines of every length", arguments: [0, 1, 65_000, 65_536, 65_537, 131_072, 300_000])
  func longLines(length: Int) throws {
    for id in ["1", "2", "3"] { try end(id, String(repeating: "x", count: length)) }
    let verdict = try log.verify(runs: runs)
    #expect(verdict == AuditVerdict(entries: 3))
  }

  @Test("an empty log, and none, are whole")
  func empty() throws {
    #expect(try log.verify(runs: runs) == AuditVerdict())
    try Data().write(to: file)
    #expect(try log.verify(runs: runs) == AuditVerdict())
  }

  @Test("after a line that a crash cut off the next one is whole, and the chain goes on", arguments: [1, 2, 40, 150])
  func torn(cut: Int) throws {
    for id in ["1", "2"] { try end(id) }
    let bytes = try Data(contentsOf: file)
    try bytes.dropLast(cut).write(to: file)
    try end("3")
    try end("4")
    let verdict = try log.verify(runs: runs)
    let isWhole = cut == 1
    #expect(try lines().count == 4)
    #expect(verdict.entries == (isWhole ? 4 : 3))
    #expect(verdict.remarks.map(\.line) == (isWhole ? [] : [2]))
    // What the lost line told, the run's own journal still does.
    #expect(verdict.breaks.map(\.line) == (isWhole ? [] : [nil]))
  }

  @Test("a last line that is cut off is said to be")
  func tornEnd() throws {
    for id in ["1", "2"] { try end(id) }
    try Data(contentsOf: file).dropLast(5).write(to: file)
    #expect(try log.verify(runs: runs).remarks.map(\.line) == [2])
  }

  /// What somebody does to the lines of a log of five runs, and the line at which it shows; nil: about a run without a line.
  enum Tampering: CaseIterable {
    case changed, changedLast, removed, removedFirst, removedLast, swapped, movedToEnd, repeated, inserted, nonsense,
      emptied

    func apply(to lines: inout [String]) {
      switch self {
      case .changed: lines[1] = lines[1].replacing("\"status\":0", with: "\"status\":1")
      case .changedLast: lines[4] = lines[4].replacing("\"previous\":\"", with: "\"previous\":\"0")
      case .removed: lines.remove(at: 2)
      case .removedFirst: lines.remove(at: 0)
      case .removedLast: lines.removeLast()
      case .swapped: lines.swapAt(1, 2)
      case .movedToEnd: lines.append(lines.remove(at: 1))
      case .repeated: lines.insert(lines[3], at: 4)
      case .inserted: lines.insert(lines[0].replacing("\"run\":\"1\"", with: "\"run\":\"9\""), at: 3)
      case .nonsense: lines.append("not an entry")
      case .emptied: lines = []
      }
    }

    var firstBreak: Int? {
      switch self {
      case .changed: 3
      case .changedLast: 5
      case .removed: 3
      case .removedFirst: 1
      case .removedLast, .emptied: nil
      case .swapped, .movedToEnd: 2
      case .repeated: 5
      case .inserted: 4
      case .nonsense: 6
      }
    }
  }

  @Test("whatever is done to it later shows, with the line", arguments: Tampering.allCases)
  func tampering(_ tampering: Tampering) throws {
    for id in ["1", "2", "3", "4", "5"] { try end(id) }
    var lines = try lines()
    tampering.apply(to: &lines)
    if lines.isEmpty { try Data().write(to: file) } else { try write(lines) }
    let verdict = try log.verify(runs: runs)
    let first = try #require(verdict.breaks.first, "\(tampering)")
    #expect(first.line == tampering.firstBreak, "\(tampering): \(first.message)")
  }

  @Test("a line with the right hash, put at the end by somebody else, is told by its run")
  func appended() throws {
    for id in ["1", "2"] { try end(id) }
    try log.append(action: "migrate", target: "acme:x", run: "9", status: .done, summary: "never", now: Date())
    let verdict = try log.verify(runs: runs)
    #expect(verdict.breaks == [])
    #expect(verdict.remarks.map(\.line) == [3])
    #expect(verdict.remarks.first?.message.contains("run 9") == true)
  }
}
