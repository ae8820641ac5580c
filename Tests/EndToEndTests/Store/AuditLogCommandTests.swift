import Foundation
import Testing

@Suite("belay log --verify")
struct AuditLogCommandTests {
  @Test("a line that was changed, removed, swapped or appended is found, and an untouched log is whole")
  func tampering() throws {
    let shop = try Workspace()
    for _ in 0..<4 { try #require(try shop.belay("backup", shop.url, "--verify", "read").status == 0) }
    let log = shop.store.appending(path: "audit.ndjson")
    let whole = try String(contentsOf: log, encoding: .utf8)
    let lines = whole.split(separator: "\n").map(String.init)
    try #require(lines.count == 4)
    #expect(try shop.belay("log", "--verify").status == 0)
    let tampered: [(what: String, lines: [String], said: String)] = [
      ("changed", [lines[0], lines[1].replacing("\"status\":0", with: "\"status\":1"), lines[2], lines[3]], "line 3 "),
      ("removed", [lines[0], lines[2], lines[3]], "line 2 "),
      ("removed from the end", Array(lines.dropLast()), "has ended, and no line tells of it"),
      ("swapped", [lines[0], lines[2], lines[1], lines[3]], "line 2 "),
      ("appended", lines + [lines[3]], "line 5 "),
    ]
    for (what, lines, said) in tampered {
      try Data((lines.joined(separator: "\n") + "\n").utf8).write(to: log)
      #expect(chmod(log.path, 0o600) == 0)
      let run = try shop.belay("log", "--verify")
      #expect(run.status == 21 && run.errors.contains(said), "\(what): \(run)")
    }
    try Data(whole.utf8).write(to: log)
    #expect(try shop.belay("log", "--verify").status == 0)
  }
}
