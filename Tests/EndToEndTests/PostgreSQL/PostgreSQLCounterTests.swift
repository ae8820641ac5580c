import DriverTesting
import Testing

/// setval and nextval take effect outside of transactions: a ROLLBACK leaves them.
@Suite("A sequence that a migration sets back stands where it stood after a failure")
struct PostgreSQLCounterTests {
  private static let database = """
    CREATE SEQUENCE up START 2000; CREATE SEQUENCE down INCREMENT -5 MAXVALUE 1000 START 100; CREATE SEQUENCE unused;
    CREATE TABLE bills (id int DEFAULT nextval('up') PRIMARY KEY, v text); INSERT INTO bills (v) SELECT 'x' FROM generate_series(1, 10);
    SELECT nextval('down'), nextval('down')
    """
  private static let values =
    "SELECT (SELECT (last_value, is_called) FROM up), (SELECT (last_value, is_called) FROM down), (SELECT (last_value, is_called) FROM unused)"

  static let ways = [
    "SELECT setval('up', 1), setval('down', 500);\nINSERT INTO missing VALUES (1);",
    "CREATE TABLE tags (id int);\nSELECT setval('up', 1, false), setval('down', 500);\nINSERT INTO missing VALUES (1);",
    "-- belay: no-transaction\nSELECT setval('up', 1), setval('down', 500);\nINSERT INTO missing VALUES (1);",
    "-- belay: no-transaction\nCREATE TABLE tags (id int);\nSELECT setval('up', 1), setval('down', 500);\nINSERT INTO missing VALUES (1);",
    "-- belay: no-transaction\nDO $$ BEGIN PERFORM setval('up', 1), setval('down', 500); END $$;\nINSERT INTO missing VALUES (1);",
    "-- belay: no-transaction\nALTER SEQUENCE up RESTART WITH 1;\nSELECT setval('down', 500);\nINSERT INTO missing VALUES (1);",
  ]

  @Test(arguments: ways)
  func failing(script: String) throws {
    let shop = try PostgreSQLWorkspace(schema: Self.database)
    let before = try shop.psql(Self.values)
    try shop.migration("1.sql", script)
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(run.status == 30 && run.errors.contains("and proven"), "\(run)")
    #expect(try shop.psql(Self.values) == before, "\(run)")
    #expect(!run.errors.contains("the engine has kept"), "\(run)")
    #expect(try shop.psql("SELECT to_regclass('tags') IS NULL") == "t")
    try shop.psql("INSERT INTO bills (v) VALUES ('after')")
  }

  @Test func `the state says which sequence was set, and one that has moved on stays`() throws {
    let shop = try PostgreSQLWorkspace(schema: Self.database)
    try shop.migration(
      "1.sql", "SELECT setval('up', 1), nextval('down'), nextval('unused');\nINSERT INTO missing VALUES (1);")
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(run.status == 30 && run.errors.contains("public.up is at 2009 again"), "\(run)")
    #expect(!run.errors.contains("public.down is at") && !run.errors.contains("public.unused is at"), "\(run)")
    #expect(try shop.psql("SELECT last_value FROM down") == "90")
  }

  @Test func `a run that was killed behind setval is recovered with the sequence where it stood`() throws {
    let shop = try PostgreSQLWorkspace(schema: Self.database)
    let before = try shop.psql(Self.values)
    let script = "SELECT setval('up', 1), setval('down', 500);"
    let model = try PostgreSQLWorkspace(schema: Self.database)
    for one in [model, shop] { try one.migration("1.sql", script) }
    try shop.killMigration(at: "committing", as: model)
    #expect(try shop.psql(Self.values) != before)
    let recovery = try shop.belay("recover")
    #expect(recovery.status == 0, "\(recovery)")
    #expect(try shop.psql(Self.values) == before, "\(recovery)")
  }
}
