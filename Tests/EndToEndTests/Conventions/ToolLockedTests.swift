import Foundation
import Testing

/// A tool that is at work at the same moment, and belay.
@Suite("The tools' own locks")
struct ToolLockedTests {
  struct Locked: Sendable, CustomTestStringConvertible {
    let tool: AdoptedCase
    /// Python that gives the key; `database` is the database's name.
    let key: String
    let file: String
    var testDescription: String { tool.tool }
  }

  private static let all: [Locked] = [
    Locked(tool: .prisma, key: "72707369", file: "20260103100000_held/migration.sql"),
    Locked(tool: .flyway, key: "77433833903597", file: "V3__held.sql"),
    Locked(tool: .atlas, key: "2686470616", file: "20260103100000_held.sql"),
    Locked(tool: .goose, key: "4097083626", file: "00003_held.sql"),
    Locked(tool: .sqlx, key: "0x3d32ad9e * zlib.crc32(database)", file: "3_held.up.sql"),
    Locked(
      tool: .golangMigrate,
      key: "zlib.crc32(b'public\\0schema_migrations\\0' + database) * 1486364155 % 2**32", file: "3_held.up.sql"),
  ]

  /// As the tool computes it, by zlib.
  private static func key(_ one: Locked, _ shop: PostgreSQLWorkspace) throws -> Int64 {
    let run = try Program.run(
      "/usr/bin/env",
      ["python3", "-c", "import sys, zlib; database = sys.argv[1].encode(); print(\(one.key))", shop.database],
      in: shop.folder)
    return try #require(Int64(run.output.trimmingCharacters(in: .whitespacesAndNewlines)), "\(run)")
  }

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
    let key = try Self.key(one, shop)
    let mark = one.tool.tool == "goose" ? "-- +goose Up\n" : ""
    let files = one.tool.files.filter { $0.key.contains("first") }
      .merging([one.file: mark + "CREATE TABLE held AS \(Self.holders(key));\n"]) { $1 }
    for (name, text) in files { try shop.folder(of: "migrations/\(name)", text) }
    if one.tool.tool == "Atlas" {
      // Making another file writes atlas.sum anew.
      try #require(try shop.belay("new", "rest", "--convention", "atlas").status == 0)
    }
    try shop.write("migrations:\n  lock_timeout: 1s\n", to: "belay.yaml")

    let other = try shop.session("SET application_name = 'the tool'; SELECT pg_advisory_lock(\(key)), pg_sleep(60)")
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
    #expect(try shop.psql(Self.holders(key)) == "0")
  }
}
