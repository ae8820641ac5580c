import DriverTesting
import Foundation
import Testing

@Suite("A migration that reaches beyond its database, where nobody could read it")
struct PostgreSQLBeyondTests {
  static let blocks = [
    "DO $$ BEGIN CREATE ROLE NAME_made; END $$;", "DO $$ BEGIN ALTER ROLE NAME NOLOGIN; END $$;",
    "DO $$ BEGIN GRANT pg_monitor TO NAME; END $$;", "DO $$ BEGIN ALTER ROLE NAME SET work_mem = '1MB'; END $$;",
    "CREATE FUNCTION make() RETURNS void LANGUAGE plpgsql AS 'BEGIN EXECUTE ''DROP ROLE NAME''; END'; SELECT make();",
  ]

  private static let look = """
    SELECT concat_ws(' ', rolname, rolcanlogin, rolconfig, (SELECT count(*) FROM pg_auth_members WHERE member = r.oid))
    FROM pg_roles r WHERE starts_with(rolname, 'NAME') ORDER BY rolname
    """

  @Test(
    "is stopped before COMMIT, in the rehearsal and without one, and leaves nothing on the server", arguments: blocks)
  func stopped(block: String) throws {
    let role = PostgreSQLServer.freshName("beyond")
    let shop = try PostgreSQLWorkspace()
    try shop.psql("CREATE ROLE \(role) LOGIN")
    let (before, look) = (try shop.dump(), Self.look.replacing("NAME", with: role))
    let roles = try shop.psql(look)
    try shop.migration("1.sql", "CREATE TABLE made (i int);\n" + block.replacing("NAME", with: role))
    for options in [[], ["--no-rehearse"]] {
      let run = try shop.belay(["migrate", shop.url, "--yes"] + options)
      #expect(run.status == 31, "\(run)")
      #expect(run.errors.contains("reaches beyond the database") && run.errors.contains(role), "\(run)")
      #expect(try shop.psql(look) == roles)
      #expect(try shop.dump() == before)
    }
    try shop.psql("DROP ROLE \(role)")
  }

  @Test("what makes a role only where it is missing goes well where it is there")
  func there() throws {
    let role = PostgreSQLServer.freshName("beyond")
    let shop = try PostgreSQLWorkspace()
    try shop.psql("CREATE ROLE \(role)")
    try shop.migration(
      "1.sql",
      """
      DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '\(role)') THEN CREATE ROLE \(role); END IF; END $$;
      DO $$ BEGIN CREATE ROLE \(role); EXCEPTION WHEN duplicate_object THEN NULL; END $$;
      GRANT SELECT ON orders TO \(role);
      DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET work_mem TO %L', current_database(), '5MB'); END $$;
      """)
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    try shop.psql("DROP OWNED BY \(role); DROP ROLE \(role)")
  }

  @Test("outside a transaction it has happened in the rehearsal: the target is spared, and what stays is said")
  func outsideTransaction() throws {
    let role = PostgreSQLServer.freshName("beyond")
    let shop = try PostgreSQLWorkspace()
    let before = try shop.dump()
    try shop.migration("1.sql", "-- belay: no-transaction\nDO $$ BEGIN CREATE ROLE \(role); END $$;\nSELECT missing;")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 30, "\(run)")
    #expect(run.errors.contains("outside the database stays") && run.errors.contains("role \(role) was made"), "\(run)")
    #expect(try shop.dump() == before)
    try shop.psql("DROP ROLE \(role)")
    try shop.migration("1.sql", "-- belay: no-transaction\nDO $$ BEGIN CREATE ROLE \(role); END $$;")
    let well = try shop.belay("migrate", shop.url, "--yes")
    #expect(well.status == 31, "\(well)")
    #expect(well.errors.contains("role \(role) was made"), "\(well)")
    #expect(try shop.dump() == before)
    try shop.psql("DROP ROLE \(role)")
  }

  @Test("in words that only a newer server knows it is refused beforehand")
  func newer() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration("1.sql", "GRANT a TO b WITH INHERIT FALSE, SET FALSE; CREATE TABLE n (i int);")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 22, "\(run)")
    #expect(run.errors.contains("GRANT of a role has an effect outside the database"), "\(run)")
  }
}
