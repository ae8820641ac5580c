import DriverTesting
import Foundation
import Testing

@Suite("kill -9 at every journaled step, on PostgreSQL")
struct PostgreSQLKillTests {
  @Test("of a migration in one transaction", arguments: ["kill-worker", "kill-both"])
  func migration(victim: String) throws {
    try killEverywhere(victim, of: ["kill-worker", "kill-both"], PostgreSQLWorkspace()) { shop in
      try shop.migration("1.sql", "CREATE TABLE tags (name text);\nDELETE FROM orders WHERE id < 11;")
      return ["migrate", shop.url, "--yes"]
    }
  }

  @Test("of a migration that fails outside a transaction and goes back", arguments: ["kill-worker", "kill-front"])
  func failing(victim: String) throws {
    try killEverywhere(victim, of: ["kill-worker", "kill-front"], PostgreSQLWorkspace()) { shop in
      try shop.migration("1.sql", "-- belay: no-transaction\nDELETE FROM orders;\nSELECT missing;")
      return ["migrate", shop.url, "--yes", "--no-rehearse"]
    }
  }

  @Test("of a rollback", arguments: ["kill-worker", "kill-front", "kill-both"])
  func rollback(victim: String) throws {
    try killEverywhere(victim, of: ["kill-worker", "kill-front", "kill-both"], PostgreSQLWorkspace()) { shop in
      try #require(try shop.belay("backup", shop.url, "--name", "good").status == 0)
      let id = try shop.latest()
      try shop.psql("CREATE TABLE tags (customer int REFERENCES customers); DELETE FROM orders WHERE id < 50")
      let plan = try shop.belay("rollback", id)
      let code = String(try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)").0)
      return ["rollback", id, "--yes", "--confirm", code]
    }
  }
}

extension PostgreSQLWorkspace: KillableShop {
  private var aside: String { database + "_aside" }

  func state() throws -> String { try dump() }
  func stateWithoutTimes() throws -> String { try dumpWithoutLedgerTimes() }
  func putAside() throws { try server.psql("CREATE DATABASE \"\(aside)\" TEMPLATE \"\(database)\"") }
  func putBack() throws {
    for name in try leftovers() + [database] { try server.dropDatabase(name) }
    try server.psql("CREATE DATABASE \"\(database)\" TEMPLATE \"\(aside)\"")
  }
  /// What was there before a rollback is kept on purpose; a copy is not.
  func remains() throws -> [String] { try leftovers().filter { !$0.contains("back-") } }
}
