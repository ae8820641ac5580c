import CoreTesting
import Foundation
import SystemPackage
import Testing

@testable import BelayBase
@testable import BelayStore

@Suite("What belay believes of its store")
struct StoreTrustTests {
  private let folder: TemporaryFolder
  private let runs: RunState
  private static let id = "20261120T143022Z-shop"

  init() throws {
    folder = try TemporaryFolder()
    runs = RunState(folder.path.appending("st"))
    try runs.prepare()
    try AuditLog(runs: runs).append(action: "backup", target: "x:y", run: "r", status: .done, summary: "", now: Date())
  }

  private func record(_ id: String = Self.id) -> RunRecord {
    RunRecord(
      id: id, kind: .migrate, target: nil, url: "x:y", folder: "/", identity: "x:/y", driver: "x", processID: 1)
  }

  /// A run that waits for recovery.
  private func begin(_ steps: [Step] = [], as id: String = Self.id) throws -> FilePath {
    let journal = try runs.begin(record(id))
    for step in steps { try journal.write(step) }
    return journal.path
  }

  private func refusal() -> BelayError? {
    do throws(BelayError) {
      try runs.checkOwnership()
      return nil
    } catch {
      return error
    }
  }

  @Test(arguments: ["", "runs", "locks", "index", "audit.ndjson"], [mode_t(0o020), 0o002])
  func `a store of which others can write a part is refused, with what mends it`(_ part: String, _ bit: mode_t) throws {
    let path = part.isEmpty ? runs.root : runs.root.appending(part)
    var status = stat()
    lstat(path.string, &status)
    chown(path.string, uid_t.max, 65534)
    chmod(path.string, status.st_mode & 0o7777 | bit)
    let error = try #require(refusal())
    #expect(error.kind == .refused && error.message.contains("\(path) can be written to by"), "\(error)")
    #expect(error.hint?.contains("chmod g") == true && error.hint?.contains(path.string) == true, "\(error)")
    #expect(throws: BelayError.self) { try runs.prepare() }
    #expect(throws: BelayError.self) { try runs.checkWritable() }
  }

  @Test(.enabled(if: geteuid() == 0), arguments: ["", "runs", "locks", "index", "audit.ndjson"])
  func `a store of which a part belongs to another user is refused`(_ part: String) throws {
    let path = part.isEmpty ? runs.root : runs.root.appending(part)
    chown(path.string, 65534, 65534)
    #expect(refusal()?.message.contains("belongs to user 65534") == true)
  }

  @Test(arguments: [
    "runs", "locks", "index", "failed", "proofs", "pins", "copies", "elsewhere", "troubles", "signatures",
    "audit.ndjson",
  ])
  func `a link or a FIFO in the place of what belay makes is refused`(_ part: String) throws {
    let path = runs.root.appending(part)
    try? FileManager.default.removeItem(atPath: path.string)  // not all are there yet
    symlink(folder.path.string, path.string)
    #expect(refusal()?.message.contains("is a link") == true)
    unlink(path.string)
    mkfifo(path.string, 0o600)
    #expect(refusal()?.message.contains(part == "audit.ndjson" ? "is not a regular file" : "is not a folder") == true)
  }

  @Test func `a person may lead to the store by a link`() throws {
    let link = folder.path.appending("link")
    symlink(runs.root.string, link.string)
    try RunState(link).prepare()
    if geteuid() == 0 {
      lchown(link.string, 65534, 65534)
      #expect(throws: BelayError.self) { try RunState(link).prepare() }
    }
  }

  // MARK: Journals

  @Test(arguments: [
    "../victim", "../../victim", "/etc/victim", "a/b", "..", ".", ".hidden", "", "a\0b", "a\nb", "\u{1b}[2J",
    String(repeating: "a", count: 4000), "runs/../../victim",
  ])
  func `a name that is no part of the store is damage in every field, and the step is not seen`(_ name: String) throws {
    let steps: [Step] = [
      .backingUp(archive: name), .backedUp(archive: name), .verified(archive: name, level: .restore),
      .rollingBack(method: .native, archive: name), .restoring(archive: name, url: "x:y", table: nil),
      .creatingScratch(name: name, url: "x:y"), .droppedScratch(name: name),
      .keepingPrevious(name: name, url: "x:y", until: "2020-01-01T00:00:00Z"),
      .keptPrevious(name: name, url: "x:y", until: "2020-01-01T00:00:00Z", swapped: true),
    ]
    for (number, step) in steps.enumerated() {
      let id = "run-\(number)"
      let path = try begin([step, .rehearsing], as: id)
      let run = try #require(try runs.openRun(id))
      #expect(run.steps == [.began(record(id)), .rehearsing])
      #expect(run.damage?.kind == .refused && run.damage?.message.contains("\(path) names") == true, "\(run)")
      #expect(run.damage?.message.unicodeScalars.contains { $0.properties.generalCategory == .control } == false)
    }
    #expect(try runs.previousDatabases().isEmpty)
  }

  @Test(arguments: ["a_b", "a.b", "a b", "ä", String(repeating: "a", count: 101)])
  func `a scratch has only a name that drivers are promised`(_ name: String) throws {
    _ = try begin([.creatingScratch(name: name, url: "x:y")])
    #expect(try runs.openRuns().first?.damage?.kind == .refused)
  }

  @Test(arguments: ["20261120T143022Z-shop", "20261120T143022Z-shop-2", "my backup (1)", "a.b_c"])
  func `names of archives are taken as people may have renamed them`(_ name: String) throws {
    _ = try begin([.backedUp(archive: name)])
    #expect(try runs.openRuns().first?.damage == nil)
  }

  @Test func `a journal that is another run's is not believed`() throws {
    let path = try begin()
    let other = runs.folder(of: "other")
    mkdir(other.string, 0o700)
    try FileManager.default.copyItem(atPath: path.string, toPath: other.appending(Journal.fileName).string)
    let run = try #require(try runs.openRun("other"))
    #expect(run.steps.isEmpty && run.record.identity.isEmpty)
    #expect(run.damage?.message.contains("is of the run \(Self.id)") == true)
  }

  @Test(arguments: [mode_t(0o660), 0o606])
  func `a journal that others can write to is not believed`(_ mode: mode_t) throws {
    let path = try begin([.keptPrevious(name: "a", url: "x:y", until: "2020-01-01T00:00:00Z", swapped: true)])
    chown(path.string, uid_t.max, 65534)
    chmod(path.string, mode)
    let run = try #require(try runs.openRun(Self.id))
    #expect(run.steps.isEmpty && run.damage?.kind == .refused && run.record == record())
    #expect(try runs.previousDatabases().isEmpty)
  }

  @Test(.enabled(if: geteuid() == 0), arguments: [true, false])
  func `a journal or a folder of another user is not believed`(_ isFolder: Bool) throws {
    let path = try begin([.rehearsing])
    chown((isFolder ? path.removingLastComponent() : path).string, 65534, 65534)
    let run = try #require(try runs.openRun(Self.id))
    #expect(run.steps.isEmpty && run.damage?.message.contains("belongs to user 65534") == true, "\(run)")
    #expect(run.damage?.hint?.contains("chown") == true)
  }

  @Test(arguments: [true, false])
  func `a link in the place of a run's folder or its journal is not followed`(_ isFolder: Bool) throws {
    let path = try begin([.rehearsing])
    let linked = isFolder ? path.removingLastComponent() : path
    let moved = folder.path.appending("moved")
    rename(linked.string, moved.string)
    symlink(moved.string, linked.string)
    let run = try #require(try runs.openRun(Self.id))
    #expect(run.steps.isEmpty && run.damage?.message.contains("is a link") == true, "\(run)")
    #expect(throws: BelayError.self) { try Journal(folder: path.removingLastComponent()) }
  }

  @Test func `a FIFO in the place of a journal is told, and not waited for`() throws {
    let path = try begin()
    unlink(path.string)
    mkfifo(path.string, 0o600)
    #expect(try runs.openRuns().first?.damage?.message.contains("is not a regular file") == true)
  }

  @Test func `a run that nobody has begun here is told where all journals are read, and belongs to no target`() throws {
    let path = try begin()
    chown(path.string, uid_t.max, 65534)
    chmod(path.string, 0o666)
    try FileManager.default.removeItem(atPath: runs.root.appending("index").string)
    #expect(try runs.openRuns().map(\.record.url) == ["an unknown database"])
    #expect(try runs.openRuns(of: "x:/y").isEmpty)
  }

  @Test(arguments: ["../../etc", "/etc", "", ".."]) func `a typed name of a run is a name`(_ id: String) throws {
    #expect(try runs.openRun(id) == nil)
    #expect(runs.ending(of: id) == nil)
  }
}
