import BelayBase
import BelayStore
import CoreTesting
import Foundation
import SystemPackage
import Testing

@Suite("the history of belay watch")
struct CheckHistoryTests {
  private let folder: TemporaryFolder
  private var runs: RunState { RunState(folder.path) }
  private var watch: URL { URL(filePath: folder.path.appending("watch").string) }

  init() throws { folder = try TemporaryFolder() }

  private func open(most: Int = CheckHistory.mostBytes) throws(BelayError) -> CheckHistory {
    try CheckHistory(runs: runs, target: "shop/é", key: "sqlite:shop.db", now: Date(), most: most)
  }

  private func files() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: watch.path).sorted()
  }

  private func file(_ suffix: String) throws -> URL {
    watch.appending(path: try #require(files().first { $0.hasSuffix(suffix) }))
  }

  private func record(_ round: Int, changes: Bool = false) -> WatchRecord {
    let result = CheckResult(name: "c", template: "sql", status: .ok, figure: "f", threshold: "t", milliseconds: 1)
    return WatchRecord(
      round: round, at: Moment.iso(Date()),
      checks: [.init(template: "sql", name: "c", status: .ok, since: "", figure: "f", milliseconds: 1)],
      changes: changes
        ? [CheckChange(at: "", target: "shop", check: "c", before: .failed, lasted: 1, result: result)] : [])
  }

  @Test("the last round is there again")
  func again() throws {
    do { try open().append(record(1)) }
    let history = try open()
    #expect(history.last?.round == 1 && history.untold.isEmpty && history.warnings.isEmpty)
    #expect(try files().count == 2)
  }

  @Test("changes are told again unless they were noted as told")
  func untold() throws {
    do {
      let history = try open()
      try history.append(record(1, changes: true))
    }
    do {
      let history = try open()
      #expect(history.untold.count == 1)
      try history.noteTold(1)
    }
    #expect(try open().untold.isEmpty)
  }

  @Test("a second process is kept from it")
  func lock() throws {
    let history = try open()
    let error = try #require(throws: BelayError.self) { _ = try open() }
    #expect(error.kind == .locked && error.message.contains("process \(getpid())"))
    withExtendedLifetime(history) {}
  }

  @Test("a line that was cut off is removed, and the rounds before it stay")
  func cutOff() throws {
    do { try open().append(record(1)) }
    let path = try file(".ndjson")
    let handle = try FileHandle(forWritingTo: path)
    try handle.seekToEnd()
    try handle.write(contentsOf: Data(#"{"round":2,"at":"20"#.utf8))
    try handle.close()
    do {
      let history = try open()
      #expect(history.last?.round == 1)
      #expect(history.warnings.first?.contains("was cut off") == true)
      try history.append(record(2))
    }
    #expect(try open().last?.round == 2)
  }

  @Test(
    "a damaged file is set aside, and a new one begun", arguments: ["garbage\n", "\u{0}\u{0}\n", "{\"round\":\"x\"}\n"])
  func damaged(text: String) throws {
    do { try open().append(record(1)) }
    let path = try file(".ndjson")
    try Data((text + String(decoding: Data(contentsOf: path), as: UTF8.self)).utf8).write(to: path)
    #expect(chmod(path.path, 0o600) == 0)
    do {
      let history = try open()
      #expect(history.last == nil && history.warnings.first?.contains("is damaged: it is set aside as") == true)
      try history.append(record(1))
    }
    #expect(try files().contains { $0.contains(".ndjson.damaged-") })
    #expect(try open().warnings.isEmpty)
  }

  @Test("it grows to its limit and begins anew, and nothing that is known is lost")
  func rotation() throws {
    do {
      let history = try open(most: 1000)
      for round in 1...50 { try history.append(record(round, changes: true)) }
      try history.noteTold(50)
    }
    #expect(try files().count == 3)
    let size = try FileManager.default.attributesOfItem(atPath: file(".1.ndjson").path)[.size] as? Int
    #expect(try #require(size) <= 1000)
    let history = try open()
    #expect(history.last?.round == 50 && history.untold.isEmpty)
  }
}
