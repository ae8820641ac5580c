import DriverTesting
import Foundation
import Testing

@Suite("kill -9 at every journaled step, on D1", .serialized)
struct D1KillTests {
  @Test(
    "of two files, the second of which fails, and the way back by Time Travel", arguments: ["kill-worker", "kill-both"])
  func failing(victim: String) throws {
    try killEverywhere(victim, of: ["kill-worker", "kill-both"], shop()) { shop in
      try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\nDELETE FROM orders WHERE id < 11;")
      try shop.migration("2.sql", "UPDATE orders SET cents = 0;\nINSERT INTO nowhere VALUES (1);")
      return ["migrate", "shop", "--yes", "--no-rehearse"]
    }
  }

  @Test("of a rollback by Time Travel")
  func rollback() throws {
    try killEverywhere("kill-worker", shop()) { shop in
      try #require(try shop.belay("backup", "shop", "--name", "good").status == 0)
      let id = try shop.latest()
      try shop.database.sql("DELETE FROM orders WHERE id < 50; INSERT INTO log VALUES (1, 2);")
      return ["rollback", id, "--yes", "--confirm", try shop.code(for: id)]
    }
  }

  @Test("of a migration that is rehearsed on this machine")
  func rehearsal() throws {
    try killEverywhere("kill-both", shop(options: ["scratch: local"])) { shop in
      try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\nDELETE FROM orders WHERE id < 11;")
      return ["migrate", "shop", "--yes"]
    }
  }

  /// Small: each step is killed twice.
  private func shop(options: [String] = []) throws -> D1Workspace {
    try D1Workspace(
      settings: ["restores": 1000, "rate_calls": 1_000_000], options: options, config: "formats: [native]\n")
  }
}
