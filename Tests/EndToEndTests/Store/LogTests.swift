import Foundation
import Testing

@Suite("The audit log, filtered")
struct LogTests {
  @Test func `by target, action, user, age and outcome; the last ones only`() throws {
    let shop = try Workspace()
    try shop.write("targets:\n  shop: sqlite:shop.db\n", to: "belay.yaml")
    _ = try shop.sqlite("CREATE TABLE t (x);", on: shop.folder.appending(path: "other.db"))
    for target in ["shop", "sqlite:other.db", "shop"] {
      try #require(try shop.belay("backup", target, "--verify", "manifest").status == 0)
    }
    try shop.sqlite("DELETE FROM orders WHERE id = 1")
    try #require(try shop.belay("rollback", "latest:shop").status == 12)
    for (filter, count) in [
      ([], 4), (["--target", "shop"], 3), (["--target", "sqlite:shop.db"], 3), (["--target", "sqlite:other.db"], 1),
      (["--target", "nosuch"], 0), (["--action", "backup"], 3), (["--failed"], 1),
      (["--failed", "--action", "backup"], 0), (["--user", NSUserName()], 4), (["--user", "nobody else"], 0),
      (["--newer-than", "1h"], 4), (["--older-than", "1h"], 0), (["--last", "2"], 2),
      (["--last", "1", "--action", "backup"], 1),
    ] {
      let run = try shop.belay(["log", "--json"] + filter)
      let entries = run.output.split(separator: "\n").filter { $0.contains(#""event":"log_entry""#) }
      #expect(run.status == 0 && entries.count == count, "\(filter) \(run)")
      if filter.contains("--last") { #expect(entries.last?.contains("sqlite:shop.db") == true) }
    }
    #expect(try shop.belay("log", "--last", "2").errors.contains("2 of 4 lines"))
    for wrong in [["--verify", "--failed"], ["--last", "0"], ["--newer-than", "soon"]] {
      #expect(try shop.belay(["log"] + wrong).status == 64)
    }
    #expect(try shop.belay("log", "--verify").status == 0)
  }
}
