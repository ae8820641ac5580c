import DriverTesting
import Foundation
import Testing

@Suite("Hooks of a run")
struct HookTests {
  private func shop(_ hooks: String) throws -> Workspace {
    let shop = try Workspace()
    try shop.write("targets: { shop: sqlite:shop.db }\nhooks:\n\(hooks)\n", to: "belay.yaml")
    try shop.migration("1.sql", "UPDATE orders SET cents = 1 WHERE id = 1;")
    return shop
  }

  /// Not one that has ended and is only waited for.
  private func isRunning(_ pid: String) -> Bool {
    let stat = "/proc/\(pid.trimmingCharacters(in: .whitespacesAndNewlines))/stat"
    guard let text = try? String(contentsOfFile: stat, encoding: .utf8) else { return false }
    return !text.contains(") Z ")
  }

  private var changed: String { "SELECT cents FROM orders WHERE id = 1" }

  @Test("are executed at their stations, in the order of the run, and are told what there is to know")
  func order() throws {
    let stations = ["preflight", "backup", "verify", "rehearse", "apply", "run"]
    let hooks = stations.flatMap { station in
      ["before", "after"].map {
        "  - { command: 'echo \"$BELAY_WHEN $BELAY_OUTCOME\" >> told', when: \($0) \(station) }"
      }
    }
    let shop = try shop(hooks.joined(separator: "\n") + "\n  - { command: 'cat > facts', when: after apply }")
    let run = try shop.belay("migrate", "--yes")
    #expect(run.status == 0, "\(run)")
    let told = try String(contentsOf: shop.folder.appending(path: "told"), encoding: .utf8)
    let expected =
      ["before run ", "before preflight ", "after preflight success"]
      + stations[1...4].flatMap { ["before \($0) ", "after \($0) success"] } + ["after run success"]
    #expect(told.split(separator: "\n").map(String.init) == expected, "\(told)")
    let archive = try shop.latest()
    let facts = try #require(
      JSONSerialization.jsonObject(with: Data(contentsOf: shop.folder.appending(path: "facts"))) as? [String: Any])
    #expect(facts["moment"] as? String == "after apply" && facts["target"] as? String == "shop", "\(facts)")
    #expect(facts["outcome"] as? String == "success" && facts["archive"] as? String == archive, "\(facts)")
    #expect(((facts["tables"] as? [[String: Any]])?.first?["table"]) as? String == "orders", "\(facts)")
    let report = try shop.latestReport()
    #expect(report.contains("## Hooks") && report.contains("hook after apply: cat > facts"), "\(report)")
  }

  @Test("a smoke test after apply that fails puts everything back, and its output is in the report")
  func smokeTest() throws {
    let shop = try shop("  - { command: 'echo the shop answers 500; exit 3', when: after apply }")
    let before = try shop.dump()
    let run = try shop.belay("migrate", "--yes")
    #expect(run.status == 31, "\(run)")
    #expect(run.errors.contains("exited with status 3") && run.errors.contains("the shop answers 500"), "\(run)")
    #expect(run.errors.contains("restored from"), "\(run)")
    #expect(try shop.dump() == before)
    #expect(try shop.latestReport().contains("the shop answers 500"))
    #expect(try shop.belay("status").status == 0)
  }

  struct Bad: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let hook: String
    let status: Int32
    let says: String
    var isApplied = false
  }

  static let bad = [
    Bad(
      testDescription: "a command that is missing is found before anything is done",
      hook: "{ command: no-such-command --now, when: after apply }", status: 22,
      says: "there is no command no-such-command"),
    Bad(
      testDescription: "one that hangs is ended after its time",
      hook: "{ command: sleep 600, when: before backup, timeout: 1s }",
      status: 22, says: "took more than 1 s and was ended"),
    Bad(
      testDescription: "one that ignores SIGTERM is ended all the same, with what it has started",
      hook: "{ command: 'trap \"\" TERM; echo $$ > pid; sleep 600 & sleep 600', when: before apply, timeout: 1s }",
      status: 22,
      says: "took more than 1 s and was ended"),
    Bad(
      testDescription: "one that prints megabytes is read, and little of it is kept",
      hook: "{ command: 'echo first; head -c 20000000 /dev/zero | tr \"\\0\" x; echo; echo last', when: before apply }",
      status: 0, says: "hook before apply", isApplied: true),
    Bad(
      testDescription: "a failure before apply leaves everything untouched",
      hook: "{ command: 'false', when: before apply }",
      status: 22, says: "is untouched"),
    Bad(
      testDescription: "one that may only warn stops nothing",
      hook: "{ command: 'false', when: after apply, on_failure: warn }", status: 3, says: "exited with status 1",
      isApplied: true),
    Bad(
      testDescription: "the end of a run is not stopped by a hook", hook: "{ command: 'false', when: after run }",
      status: 3,
      says: "exited with status 1", isApplied: true),
    Bad(
      testDescription: "a rollback cannot be stopped",
      hook: "{ command: 'true', when: before rollback, on_failure: stop }",
      status: 64, says: "cannot be `stop` before rollback"),
    Bad(
      testDescription: "a station that does not exist", hook: "{ command: 'true', when: after lunch }", status: 64,
      says: "preflight, backup, verify, rehearse, apply, rollback, run"),
  ]

  @Test(arguments: bad)
  func misbehaves(_ bad: Bad) throws {
    let shop = try shop("  - \(bad.hook)")
    let run = try shop.belay("migrate", "--yes")
    #expect(run.status == bad.status, "\(run)")
    #expect(run.errors.contains(bad.says), "\(run)")
    #expect(try shop.sqlite(changed) == (bad.isApplied ? "1" : "100"), "\(run)")
    if let pid = try? String(contentsOf: shop.folder.appending(path: "pid"), encoding: .utf8) {
      #expect(!isRunning(pid))
    }
    if bad.hook.contains("/dev/zero") {
      let report = try shop.latestReport()
      #expect(report.utf8.count < 100_000 && report.contains("first") && report.contains("last"))
      #expect(report.contains("bytes …]"))
    }
  }

  @Test("on a failure those are executed that wait for one, and those around the rollback")
  func failure() throws {
    let shop = try shop(
      """
        - { command: 'echo "$BELAY_WHEN: $BELAY_ERROR" >> told', when: after apply, on: failure }
        - { command: 'echo "$BELAY_WHEN" >> told', when: before rollback }
        - { command: 'echo "$BELAY_WHEN" >> told', when: after rollback }
        - { command: 'echo "$BELAY_WHEN $BELAY_OUTCOME" >> told', when: after run, on: always }
        - { command: 'echo never >> told', when: after apply }
      """)
    try shop.migration("1.sql", "UPDATE orders SET cents = 1 WHERE id = 1;\nUPDATE nowhere SET a = 1;")
    let run = try shop.belay("migrate", "--yes", "--no-rehearse")
    #expect(run.status == 30, "\(run)")
    let told = try String(contentsOf: shop.folder.appending(path: "told"), encoding: .utf8).split(separator: "\n")
    #expect(told.count == 4 && told[0] == "before rollback" && told[1] == "after rollback", "\(told)")
    #expect(told[2].contains("nowhere") && told[3] == "after run failure", "\(told)")
  }

  @Test("around belay rollback no table is locked and a command that reads works, but no other run can begin")
  func aroundRollback() throws {
    let belay = try Program.belay().path
    let hooks = ["before", "after"].map { side in
      """
        - when: \(side) rollback
          command: >-
            '\(belay)' check shop >/dev/null 2>&1; echo "\(side): check $?" >> told;
            '\(belay)' backup shop >/dev/null 2>&1; echo "\(side): backup $?" >> told;
            sqlite3 shop.db "CREATE TABLE IF NOT EXISTS probe (a); DROP TABLE probe"; echo "\(side): sqlite3 $?" >> told
      """
    }
    let shop = try shop(hooks.joined(separator: "\n"))
    try #require(try shop.belay("migrate", "--yes").status == 0)
    let run = try shop.rollback(try shop.latest())
    #expect(run.status == 0, "\(run)")
    let told = try String(contentsOf: shop.folder.appending(path: "told"), encoding: .utf8)
    #expect(
      told.split(separator: "\n") == [
        "before: check 0", "before: backup 11", "before: sqlite3 0", "after: check 0", "after: backup 11",
        "after: sqlite3 0",
      ], "\(told)")
  }

  @Test("Ctrl+C ends a hook, and what the run has done is put back")
  func interrupted() throws {
    let shop = try shop("  - { command: 'touch begun; sleep 600', when: after apply }")
    let before = try shop.dump()
    let running = try Program.start(Program.belay().path, ["migrate", "--yes"], in: shop.folder)
    try eventually(thereIs: shop.folder.appending(path: "begun"))
    kill(running.process.processIdentifier, SIGINT)
    let run = try running.wait()
    #expect(run.status == 130, "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test("a worker that is killed while a hook runs after apply leaves the change, says so, and ends the hook")
  func killed() throws {
    let shop = try shop("  - { command: 'echo $$ > begun; sleep 600', when: after apply }")
    let running = try Program.start(Program.belay().path, ["migrate", "--yes"], in: shop.folder)
    let file = shop.folder.appending(path: "begun")
    try eventually("the hook") { (try? Data(contentsOf: file))?.isEmpty == false }
    for worker in try running.children() { kill(worker, SIGKILL) }
    let run = try running.wait()
    #expect(run.status == 3 && run.output.contains("had been completed") || run.errors.contains("had been completed"))
    #expect(run.errors.contains("a hook of it was cut off"), "\(run)")
    #expect(try shop.sqlite(changed) == "1")
    #expect(!isRunning(try String(contentsOf: file, encoding: .utf8)))
  }

  @Test("the plan names them, and what follows if they fail")
  func plan() throws {
    let shop = try shop("  - { command: ./smoke https://u:s3cret@shop.example.com, when: after apply, timeout: 2m }")
    try shop.write("#!/bin/sh\n", to: "smoke")
    let run = try shop.belay("migrate", "--plan")
    #expect(run.status == 0 && run.output.contains("hook after apply: ./smoke"), "\(run)")
    #expect(run.output.contains("at most 2 min; if it fails, everything is put back from the backup"), "\(run)")
    #expect(!run.description.contains("s3cret"), "\(run)")
  }
}
