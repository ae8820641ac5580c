import Foundation
import Testing

/// A tool that is at work at the same moment, and belay.
@Suite("The tools' own locks")
struct ToolLockedTests {
  struct Locked: Sendable, CustomTestStringConvertible {
    let tool: AdoptedCase
    let key: Int64
    let file: String
    var testDescription: String { tool.tool }
  }

  private static let all: [Locked] = [
    Locked(tool: .prisma, key: 72_707_369, file: "20260103100000_held/migration.sql"),
    Locked(tool: .flyway, key: 77_433_833_903_597, file: "V3__held.sql"),
  ]

  private static func holders(_ key: Int64) -> String {
    """
    SELECT count(*) AS n FROM pg_locks WHERE locktype = 'advisory' AND ((classid::bigint << 32) | objid::bigint) = \(key)
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
  }

  @Test("belay holds it while it applies the tool's migrations, and waits for who else does", arguments: all)
  func held(_ one: Locked) throws {
    let shop = try PostgreSQLWorkspace(
      schema: AdoptedCase.firstUp + (try #require(one.tool.ledger[.postgresql])))
    let sql = "CREATE TABLE held AS \(Self.holders(one.key));\n"
    let files = one.tool.files.filter { $0.key.contains("first") }
      .merging([one.file: sql]) { $1 }
    for (name, text) in files { try shop.folder(of: "migrations/\(name)", text) }
    try shop.write("migrations:\n  lock_timeout: 1s\n", to: "belay.yaml")

    let other = try shop.session("SET application_name = 'the tool'; SELECT pg_advisory_lock(\(one.key)), pg_sleep(60)")
    try shop.waitForSleeper()
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(run.status == 11, "\(run)")
    #expect(run.errors.contains("\(one.tool.tool) is at work on this database: session "), "\(run)")
    #expect(run.errors.contains("the tool") && run.errors.contains("pg_terminate_backend("), "\(run)")
    #expect(run.errors.contains("untouched"), "\(run)")
    #expect(try shop.psql("SELECT to_regclass('held') IS NULL") == "t")
    try shop.endSleepers()
    _ = try other.wait()

    let good = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect([0, 3].contains(good.status), "\(good)")
    #expect(try shop.psql("SELECT n FROM held") == "1")
    #expect(try shop.psql(Self.holders(one.key)) == "0")
  }
}
