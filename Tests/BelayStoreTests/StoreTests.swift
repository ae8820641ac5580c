import CoreTesting
import Foundation
import SystemPackage
import Testing

@testable import BelayBase
@testable import BelayStore

@Suite("The store")
struct StoreTests {
  @Test(
    "ids begin with the moment in UTC, and sort by age",
    arguments: [
      ("remove legacy posts", "20261120T143022Z-remove-legacy-posts"),
      ("../../etc/passwd", "20261120T143022Z-etc-passwd"),
      ("", "20261120T143022Z"),
      ("Ärger & Söhne", "20261120T143022Z-rger-s-hne"),
    ])
  func names(label: String, id: String) throws {
    let moment = try #require(Moment.parse("2026-11-20T14:30:22Z"))
    #expect(RunID(now: moment, label: label).description == id)
  }

  @Test("two runs in one second get two ids")
  func sameSecond() throws {
    let folder = try TemporaryFolder()
    let store = Store(folder.path)
    try store.runs.prepare()
    let first = try store.newID(now: Date(timeIntervalSince1970: 0), label: "x")
    _ = try folder.write("", to: first + ".tar")
    let second = try store.newID(now: Date(timeIntervalSince1970: 0), label: "x")
    #expect(second == first + "-2")
  }

  @Test("runs that begin at once on two targets never share an id")
  func claimed() throws {
    let folder = try TemporaryFolder()
    let store = Store(folder.path)
    try store.runs.prepare()
    let moment = Date(timeIntervalSince1970: 0)
    let ids = try (0..<3).map { _ in try store.newID(now: moment, label: "x") }
    #expect(Set(ids).count == 3)
    // A run that was refused gives its id back.
    store.runs.giveBack(ids[2])
    #expect(try store.newID(now: moment, label: "x") == ids[2])
  }

  @Test("archives of one second stand in the order in which they were made")
  func sameSecondOrder() throws {
    let folder = try TemporaryFolder()
    let made = ["b", "a", "a-2", "a-10"].map { "20260101T000000Z-" + $0 }
    for id in made {
      _ = try folder.write("x", to: id + ".tar")
      usleep(10_000)
    }
    let store = Store(folder.path)
    #expect(try store.archives.archives().map(\.id) == made)
    #expect(try store.archives.resolve("latest").id == made[3])
  }

  @Test("an archive is found by its id, by a beginning that no other has, and as latest or oldest")
  func resolve() throws {
    let folder = try TemporaryFolder()
    for name in ["20260101T000000Z-a.tar", "20260201T000000Z-b.tar", "20260202T000000Z-c.tar.partial"] {
      _ = try folder.write("x", to: name)
    }
    let store = Store(folder.path)
    #expect(try store.archives.archives().map(\.id) == ["20260101T000000Z-a", "20260201T000000Z-b"])
    #expect(try store.archives.resolve("latest").id == "20260201T000000Z-b")
    #expect(try store.archives.resolve("oldest").id == "20260101T000000Z-a")
    #expect(try store.archives.resolve("202602").id == "20260201T000000Z-b")
    let several = #expect(throws: BelayError.self) { try store.archives.resolve("2026") }
    #expect(several?.causes.count == 2)
    for unknown in ["x", ""] {
      let error = #expect(throws: BelayError.self) { try store.archives.resolve(unknown) }
      #expect(error?.kind == .notFound)
    }
  }

  @Test("a store that cannot be written is refused with a hint")
  func unwritable() throws {
    let folder = try TemporaryFolder()
    let file = try folder.write("not a folder", to: "store")
    let error = #expect(throws: BelayError.self) { try Store(file).runs.prepare() }
    #expect(error?.kind == .refused)
    #expect(error?.hint != nil)
  }

  @Test("a target is held by one run at a time, and free again when that run lets go")
  func lock() throws {
    let folder = try TemporaryFolder()
    let store = Store(folder.path)
    try store.runs.prepare()
    let first = try TargetLock(runs: store.runs, identity: "db", holder: "run one, process 1")
    #expect(TargetLock.isHeld(runs: store.runs, identity: "db"))
    do {
      let second = try TargetLock(runs: store.runs, identity: "db", holder: "two")
      second.release()
      Issue.record("a second run got the lock")
    } catch {
      #expect(error.kind == .locked)
      #expect(error.causes == ["run one, process 1"])
    }
    let other = try TargetLock(runs: store.runs, identity: "other", holder: "three")
    other.release()
    first.release()
    #expect(!TargetLock.isHeld(runs: store.runs, identity: "db"))
  }

  @Test("each line of the audit log carries the hash of the one before")
  func audit() throws {
    let folder = try TemporaryFolder()
    let store = Store(folder.path)
    let log = AuditLog(runs: store.runs)
    for run in ["a", "b", "c"] {
      try log.append(action: "migrate", target: "x:y", run: run, status: .done, summary: "s", now: Date())
    }
    let lines = try String(contentsOfFile: store.runs.auditLog.string, encoding: .utf8).split(separator: "\n").map(
      String.init)
    let entries = try lines.map { try JSONDecoder().decode(AuditLog.Entry.self, from: Data($0.utf8)) }
    #expect(entries.map(\.run) == ["a", "b", "c"])
    #expect(entries[0].previous == "")
    #expect(entries[1].previous == sha256(lines[0]))
    #expect(entries[2].previous == sha256(lines[1]))
  }
}
