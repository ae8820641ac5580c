import Foundation
import Testing

/// SIGKILL of worker, front and both, before and after every line of the journal: the database is as before or as
/// after, never between, once `belay recover` has run.
@Suite("kill -9 at every journaled step, on SQLite")
struct KillTests {
  private static let victims = ["kill-worker", "kill-front", "kill-both"]

  @Test("of a migration in one transaction", arguments: victims)
  func migration(victim: String) throws {
    try killEverywhere(victim, of: Self.victims, Workspace()) { shop in
      try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\nDELETE FROM orders WHERE id < 11;")
      return ["migrate", shop.url, "--yes"]
    }
  }

  @Test("of a migration in several transactions and outside", arguments: victims)
  func migrations(victim: String) throws {
    try killEverywhere(victim, of: Self.victims, Workspace()) { shop in
      try shop.migration("1.sql", "DELETE FROM orders WHERE id < 11;")
      try shop.migration("2.sql", "PRAGMA foreign_keys=OFF;\nCREATE TABLE tags (name TEXT);")
      try shop.migration("3.sql", "-- belay: no-transaction\nDELETE FROM log;\nINSERT INTO log VALUES (1, 2);")
      return ["migrate", shop.url, "--yes", "--no-rehearse"]
    }
  }

  @Test("of a migration that fails outside a transaction and goes back", arguments: victims)
  func failing(victim: String) throws {
    try killEverywhere(victim, of: Self.victims, Workspace()) { shop in
      try shop.migration("1.sql", "-- belay: no-transaction\nDELETE FROM orders;\nSELECT missing;")
      return ["migrate", shop.url, "--yes", "--no-rehearse"]
    }
  }

  @Test("of a rollback", arguments: victims)
  func rollback(victim: String) throws {
    try killEverywhere(victim, of: Self.victims, Workspace()) { shop in
      try #require(try shop.belay("backup", shop.url, "--name", "good").status == 0)
      let id = try shop.latest()
      try shop.sqlite("DELETE FROM orders WHERE id < 50; INSERT INTO log VALUES (1, 2);")
      let plan = try shop.belay("rollback", id)
      let code = String(try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)").0)
      return ["rollback", id, "--yes", "--confirm", code]
    }
  }
}
