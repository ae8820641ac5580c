import BelayProcess
import DriverTesting
import Foundation
import Glibc
import Testing

@Suite("The processes of a command, by their mark")
struct MarkedProcessesTests {
  private func start(_ line: String, _ marked: MarkedProcesses) throws -> ChildProcess {
    var start = ProcessStart(
      executable: "/bin/sh", arguments: ["sh", "-c", line], descriptors: [], environment: marked.environment)
    start.isBelay = false
    return try start.start()
  }

  private func marked() -> MarkedProcesses { MarkedProcesses(name: "BELAY_TEST_MARK", value: UUID().uuidString) }

  @Test("whatever it has started is found, also when it has ended itself, and nothing else")
  func found() throws {
    let (one, other) = (marked(), marked())
    // A session of its own, whose parent is gone.
    let child = try start("setsid sleep 60 & setsid sleep 61 & exit 0", one)
    #expect(child.wait() == .exited(0))
    // Each is `setsid` until that has become what it starts.
    try eventually { one.running().allSatisfy { $0.words.hasPrefix("sleep") } }
    #expect(one.running().map(\.words).sorted() == ["sleep 60", "sleep 61"])
    #expect(other.running().isEmpty)
    #expect(one.end(after: .seconds(5)).count == 2)
    #expect(one.running().isEmpty)
  }

  @Test("one that becomes another program again and again is found each time")
  func becomesAnother() throws {
    let program = FileManager.default.temporaryDirectory.appending(path: "belay-test-\(UUID().uuidString)")
    try Data("#!/bin/sh\nexec \"$0\"\n".utf8).write(to: program)
    defer { try? FileManager.default.removeItem(at: program) }
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: program.path)
    let marked = marked()
    let child = try start("exec '\(program.path)'", marked)
    let found = (0..<100).filter { _ in marked.running().map(\.pid) == [child.pid] }
    kill(child.pid, SIGKILL)
    #expect(child.wait() == .killed(signal: SIGKILL))
    #expect(found.count == 100)
  }

  @Test("one that clears its environment is found by its parent, and one that ignores SIGTERM is ended")
  func stubborn() throws {
    var marked = marked()
    let child = try start("trap '' TERM; env -i sleep 60; sleep 60", marked)
    marked.root = child.pid
    try eventually { marked.running().count >= 2 }
    #expect(marked.running().contains { $0.words == "sleep 60" })
    _ = marked.end(after: .milliseconds(200))
    #expect(marked.wait(atMost: soon).isEmpty)
    #expect(child.wait() == .killed(signal: SIGKILL))
  }
}
