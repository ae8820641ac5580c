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
    #expect(refused.errors.contains("1.sql would lock table public.orders for 1.5"), "\(refused)")
    #expect(refused.errors.contains("is untouched"), "\(refused)")
    let ended = try shop.belay("migrate", shop.url, "--yes", "--max-lock", "1s", "--no-rehearse")
    #expect(ended.status == 30, "\(ended)")
    #expect(ended.errors.contains("the transaction held its locks for longer than --max-lock allows (1 s)"), "\(ended)")
    #expect(try shop.psql("SELECT count(*) FROM pg_attribute WHERE attname = 'a'") == "0")
    let applied = try shop.belay("migrate", shop.url, "--yes", "--max-lock", "30s")
    #expect([0, 3].contains(applied.status), "\(applied)")
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
