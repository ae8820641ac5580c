import Foundation
import Testing

/// What writes a tool's ledger besides a migration: it is as before or as after, never between.
@Suite("kill -9 around a tool's ledger")
struct AdoptedKillTests {
  private static let victims = ["kill-worker", "kill-both"]

  @Test("at any journaled step of belay adopt --baseline", arguments: victims)
  func baseline(victim: String) throws {
    let shop = try Workspace(schema: AdoptedCase.firstUp + AdoptedCase.secondUp)
    for (name, text) in AdoptedCase.dbmate.files { try shop.migration(name, text) }
    try killEverywhere(victim, shop, rounds: 3) { _ in
      ["adopt", shop.url, "--baseline", AdoptedCase.dbmate.second, "--yes"]
    }
  }

  @Test("at any journaled step of belay migrate --down", arguments: victims)
  func down(victim: String) throws {
    let shop = try Workspace(
      schema: AdoptedCase.firstUp + (try #require(AdoptedCase.dbmate.ledger[.sqlite])))
    for (name, text) in AdoptedCase.dbmate.files { try shop.migration(name, text) }
    try #require(try shop.belay("migrate", shop.url, "--yes", "--no-rehearse").status == 0)
    try killEverywhere(victim, shop, rounds: 3) { _ in ["migrate", shop.url, "--yes", "--down", "2"] }
  }

  @Test("at any journaled step of belay migrate --down, on PostgreSQL")
  func postgresql() throws {
    let shop = try PostgreSQLWorkspace(
      schema: AdoptedCase.firstUp + (try #require(AdoptedCase.dbmate.ledger[.postgresql])))
    for (name, text) in AdoptedCase.dbmate.files { try shop.migration(name, text) }
    try #require(try [0, 3].contains(shop.belay("migrate", shop.url, "--yes", "--no-rehearse").status))
    try killEverywhere("kill-both", shop, rounds: 2) { _ in ["migrate", shop.url, "--yes", "--down", "2"] }
  }
}
