import DriverTesting
import Foundation
import Testing

@Suite("--max-lock: how long others may wait for a migration")
struct LockTimeTests {
  private static let slow = """
    CREATE TABLE n AS WITH RECURSIVE c(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c WHERE i < 100000000)
    SELECT count(*) AS i FROM c;
    """

  @Test("a statement that takes longer is ended")
  func sqlite() throws {
    let shop = try Workspace(schema: "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);")
    try shop.migration("1.sql", "ALTER TABLE t ADD COLUMN a;\n" + Self.slow)
    let before = try shop.dump()
    let run = try shop.belay("migrate", shop.url, "--yes", "--max-lock", "1s", "--no-rehearse")
    #expect(run.status == 30, "\(run)")
    #expect(run.errors.contains("the transaction held its locks for longer than --max-lock allows (1 s)"), "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test("what the rehearsal shows to take longer does not begin; what is fast enough does")
  func postgreSQL() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration("1.sql", "ALTER TABLE orders ADD COLUMN a int;\nSELECT pg_sleep(1.5);")
    let refused = try shop.belay("migrate", shop.url, "--yes", "--max-lock", "1s")
    #expect(refused.status == 30, "\(refused)")
    #expect(refused.errors.contains("1.sql would lock table public.orders for "), "\(refused)")
    #expect(refused.errors.contains("is untouched"), "\(refused)")
    let ended = try shop.belay("migrate", shop.url, "--yes", "--max-lock", "1s", "--no-rehearse")
    #expect(ended.status == 30, "\(ended)")
    #expect(ended.errors.contains("the transaction held its locks for longer than --max-lock allows (1 s)"), "\(ended)")
    #expect(try shop.psql("SELECT count(*) FROM pg_attribute WHERE attname = 'a'") == "0")
    let applied = try shop.belay("migrate", shop.url, "--yes", "--max-lock", "30s")
    #expect([0, 3].contains(applied.status), "\(applied)")
    // On the database, from the statement that took the lock until COMMIT.
    let wait = try #require(
      applied.errors.firstMatch(
        of: #/others could not read or write public\.orders for ([0-9.]+) s, from 1\.sql, line 1 on/#), "\(applied)")
    #expect((Double(wait.1) ?? 0) >= 1.5, "\(applied)")
    let path = try #require(applied.errors.firstMatch(of: #/report: (.*)/#)).1
    let report = try String(contentsOfFile: String(path), encoding: .utf8)
    #expect(report.ranges(of: "1.sql: locks held until the end of the transaction").count == 2)
  }

  @Test("the result says how long others could not write, with belay's own work")
  func told() throws {
    let shop = try Workspace(schema: "CREATE TABLE t (id INTEGER PRIMARY KEY); INSERT INTO t VALUES (1);")
    try shop.migration("1.sql", Self.slow.replacing("100000000", with: "1000000"))
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 0, "\(run)")
    let wait = run.errors.firstMatch(of: #/others could not write to the database for ([0-9.]+) s: 1\.sql/#)
    #expect((wait.flatMap { Double($0.1) } ?? 0) > 0.05, "\(run)")
  }

  @Test("the limit of belay.yaml applies, and the command's overrides it")
  func configured() throws {
    let shop = try Workspace(schema: "CREATE TABLE t (id INTEGER PRIMARY KEY);")
    try shop.write("migrations: { max_lock: 1s }\n", to: "belay.yaml")
    try shop.migration("1.sql", Self.slow.replacing("100000000", with: "12000000"))
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", "--max-lock", "no")
    #expect(run.status == 64, "\(run)")
    #expect(run.errors.contains("--max-lock no is no time"), "\(run)")
    #expect(try shop.belay("migrate", shop.url, "--yes", "--no-rehearse").status == 30)
    #expect(try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", "--max-lock", "0").status == 0)
  }
}
