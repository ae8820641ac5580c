import DriverTesting
import Foundation
import Testing

@Suite("kill -9 at every journaled step, on MariaDB", .serialized)
struct MariaDBKillTests {
  @Test("of a migration that fails and goes back by moving tables in", arguments: ["kill-both"])
  func failing(victim: String) throws {
    try killEverywhere(victim, MariaDBWorkspace()) { shop in
      try shop.migration("1.sql", "CREATE TABLE tags (name text);\nDELETE FROM orders WHERE id < 11;\nSELECT missing;")
      return ["migrate", shop.url, "--yes", "--no-rehearse"]
    }
  }
}

extension MariaDBWorkspace: KillableShop {
  private var aside: String { database + "_aside" }

  func state() throws -> String { try dump() }
  func stateWithoutTimes() throws -> String { try dumpWithoutLedgerTimes() }
  func putAside() throws { try copy(database, to: aside) }
  func putBack() throws {
    for name in try leftovers() + [database] { try server.dropDatabase(name) }
    try copy(aside, to: database)
  }
  /// What was there before a rollback is kept on purpose; a copy is not.
  func remains() throws -> [String] { try leftovers().filter { !$0.contains("back-") } }

  private func copy(_ from: String, to: String) throws {
    try server.makeDatabase(to)
    try server.client(
      try server.run("mariadb-dump", ["--user=root", "--routines", "--events", "--hex-blob", "--", from], ""),
      database: to)
  }
}
