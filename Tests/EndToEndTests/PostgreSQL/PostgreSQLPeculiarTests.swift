import DriverTesting
import Foundation
import Testing

@Suite("What pg_dump saves, belay backs up and proves, and restores the same")
struct PostgreSQLPeculiarTests {
  static let databases = [
    (
      what: "a table without columns",
      sql: "CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2); ALTER TABLE t DROP a"
    ),
    (
      what: "a table with generated columns only",
      sql: "CREATE TABLE g (i int GENERATED ALWAYS AS (1) STORED); INSERT INTO g DEFAULT VALUES"
    ),
    (
      what: "columns that parents got after their children",
      sql: """
      CREATE TABLE p (a int); CREATE TABLE q (z int); CREATE TABLE c (x text) INHERITS (p, q);
      CREATE TABLE d (y text) INHERITS (c); ALTER TABLE q ADD b int DEFAULT 7; ALTER TABLE p ADD late text;
      INSERT INTO c VALUES (1, 2, 'one', 3, 'l'); INSERT INTO d VALUES (1, 2, 'one', 'y', 3, 'l')
      """
    ),
    (what: "an older version of an extension", sql: "CREATE EXTENSION amcheck VERSION '1.2'; CREATE TABLE t (a int)"),
    (
      what: "an older version of an extension, in a schema of its own",
      sql:
        "CREATE SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext VERSION '1.4'; CREATE TABLE t AS SELECT 'a=>1'::ext.hstore AS h"
    ),
    (
      what: "an event trigger that writes, beside materialized views",
      sql: """
      CREATE TABLE log (tag text); CREATE MATERIALIZED VIEW m1 AS SELECT 1 AS a; CREATE MATERIALIZED VIEW m2 AS SELECT 2 AS a;
      CREATE FUNCTION f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.log VALUES (tg_tag); END';
      CREATE EVENT TRIGGER et ON ddl_command_end EXECUTE FUNCTION f(); COMMENT ON EVENT TRIGGER et IS 'logs'
      """
    ),
    (
      what: "a check that reads another table, which is restored after it",
      sql: """
      CREATE TABLE a_first (i int); CREATE TABLE z_last (i int);
      CREATE FUNCTION known(int) RETURNS boolean LANGUAGE sql STABLE AS 'SELECT EXISTS (SELECT FROM public.z_last WHERE i = $1)';
      INSERT INTO z_last SELECT generate_series(1, 100); INSERT INTO a_first SELECT generate_series(1, 100);
      ALTER TABLE a_first ADD CHECK (known(i))
      """
    ),
    (
      what: "sequences of every sort",
      sql: """
      CREATE SEQUENCE down INCREMENT -2; CREATE SEQUENCE round MAXVALUE 3 CYCLE; CREATE SEQUENCE unused START 42;
      CREATE UNLOGGED TABLE u (i serial); SELECT nextval('down'), nextval('round'), nextval('u_i_seq')
      """
    ),
    (
      what: "a subscription",
      sql: """
      CREATE TABLE t (a int); CREATE SUBSCRIPTION sub_peculiar CONNECTION 'dbname=nowhere' PUBLICATION p
        WITH (connect = false, slot_name = 'of_the_target')
      """
    ),
  ]

  /// Wheels of Python's have servers without the modules of `contrib`.
  private static let possible = databases.filter { database in
    database.sql.matches(of: /CREATE EXTENSION (\w+)/).allSatisfy { PostgreSQLServer.offers(extension: String($0.1)) }
  }

  @Test(arguments: possible)
  func peculiar(_ database: (what: String, sql: String)) throws {
    let shop = try PostgreSQLWorkspace(schema: database.sql)
    defer {
      // Or its database could not be dropped.
      _ = try? shop.psql(
        "ALTER SUBSCRIPTION sub_peculiar SET (slot_name = NONE)")
      _ = try? shop.psql("DROP SUBSCRIPTION sub_peculiar")
    }
    let before = try shop.dump()
    let run = try shop.belay("backup", shop.url)
    #expect(run.status == 0, "\(database.what): \(run)")
    #expect(try shop.leftovers() == [], "\(database.what)")
    #expect(try shop.dump() == before)
    // And once more by schema and rows; where a subscription leads, these do not say.
    if database.what == "a subscription" { return }
    let rows = try shop.belay("backup", shop.url, "--formats", "csv")
    #expect(rows.status == 0, "\(database.what): \(rows)")
    #expect(try shop.leftovers() == [], "\(database.what)")
  }

  @Test("bytes of a SQL_ASCII database that are no UTF-8")
  func anyBytes() throws {
    let server = try PostgreSQLServer.shared()
    let shop = try PostgreSQLWorkspace()
    try server.dropDatabase(shop.database)
    try server.psql("CREATE DATABASE \(shop.database) TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE 'C'")
    try shop.psql(
      "CREATE TABLE t (v text); INSERT INTO t VALUES (convert_from('\\xe9ff', 'SQL_ASCII')), ('plain'); COMMENT ON TABLE t IS 'x'"
    )
    let run = try shop.belay("backup", shop.url)
    #expect(run.status == 0, "\(run)")
    let rows = try shop.belay("backup", shop.url, "--formats", "csv")
    #expect(rows.status == 0, "\(rows)")
  }

  @Test("a role that cannot make everything again is told beforehand, and its archive keeps its name")
  func rights() throws {
    let role = PostgreSQLServer.freshName("own")
    let shop = try PostgreSQLWorkspace(schema: "CREATE TABLE t (i int)")
    try shop.server.psql("CREATE ROLE \(role) LOGIN CREATEDB; ALTER DATABASE \(shop.database) OWNER TO \(role)")
    defer { _ = try? shop.server.psql("DROP OWNED BY \(role); DROP ROLE \(role)") }
    try shop.psql(
      "ALTER TABLE t OWNER TO \(role); ALTER SCHEMA public OWNER TO \(role); CREATE PUBLICATION p FOR TABLE t; CREATE PUBLICATION a FOR ALL TABLES"
    )
    let run = try shop.belay("backup", shop.server.url(shop.database, user: role))
    #expect(run.status == 1, "\(run)")
    #expect(run.errors.contains("publication") && run.errors.contains("[foreign-owner]"), "\(run)")
    #expect(run.errors.contains("[superuser-only]"), "\(run)")
    let archives = try shop.listing(shop.store).filter { $0.contains(".tar") }
    #expect(archives.count == 1 && archives.allSatisfy { $0.hasSuffix(".tar") }, "\(archives)")
    try shop.server.dropDatabase(shop.database)
  }

  @Test("a migration that cures what makes the dump unrestorable is made, and then the dump restores")
  func cure() throws {
    let shop = try PostgreSQLWorkspace(
      schema: """
        CREATE TABLE t (v text); INSERT INTO t VALUES ('a');
        CREATE FUNCTION inner_f(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT upper($1)';
        CREATE FUNCTION outer_f(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT inner_f($1)';
        CREATE TABLE u (v text); INSERT INTO u VALUES ('a');
        """)
    guard (try? shop.psql("CREATE INDEX i ON t (outer_f(v))")) != nil else { return }  // 17 and newer refuse it
    let backup = try shop.belay("backup", shop.url)
    #expect(backup.status == 21 && backup.errors.contains("search_path"), "\(backup)")
    try shop.migration(
      "1.sql",
      "CREATE OR REPLACE FUNCTION outer_f(text) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT public.inner_f($1)';")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 3 && run.errors.contains("restores by its schema and rows"), "\(run)")
    let second = try shop.belay("backup", shop.url)
    #expect(second.status == 0, "\(second)")
    #expect(try shop.leftovers() == [])
  }
}
