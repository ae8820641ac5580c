import DriverTesting
import Foundation
import Testing

@Suite("What a migration file leaves behind in its session")
struct PostgreSQLSessionTests {
  /// Files that leave something, each of which makes a table of its own, and the schema where that belongs.
  static let files: [(name: String, sql: String, schema: String, owner: String)] = [
    ("path", "SELECT pg_catalog.set_config('search_path', '', false); CREATE TABLE public.NAME (i int);", "public", ""),
    ("elsewhere", "SET search_path = s; CREATE TABLE NAME (i int);", "s", ""),
    ("role", "SET ROLE OWNER; CREATE TABLE s.NAME (i int);", "s", "OWNER"),
    ("session", "SET SESSION AUTHORIZATION OWNER; CREATE TABLE s.NAME (i int);", "s", "OWNER"),
    ("reader", "CREATE TABLE NAME (i int); SET default_transaction_read_only = on;", "public", ""),
    ("replica", "SET session_replication_role = replica; CREATE TABLE NAME (i int);", "public", ""),
    ("hasty", "CREATE TABLE NAME (i int); SET statement_timeout = '1s'; SET lock_timeout = '1ms';", "public", ""),
    ("latin", "SET client_encoding = LATIN1; CREATE TABLE NAME (i int);", "public", ""),
    ("listener", "LISTEN something; CREATE TABLE NAME (i int); DEALLOCATE ALL; RESET ALL;", "public", ""),
    (
      "shadows",
      """
      CREATE TABLE NAME (i int); CREATE TEMP TABLE belay_migrations (i int); CREATE TEMP TABLE orders (i int);
      CREATE TEMP TABLE log (i int);
      """, "public", ""
    ),
    ("unsecured", "SET row_security = off; CREATE TABLE NAME (i int);", "public", ""),
    ("deferred", "SET CONSTRAINTS ALL DEFERRED; CREATE TABLE NAME (i int);", "public", ""),
    (
      "last", "CREATE TABLE NAME (i int); INSERT INTO log VALUES ('now', 'last'); DELETE FROM orders WHERE id = 1;",
      "public", ""
    ),
  ]

  @Test(
    "reaches neither the next file nor the ledger nor the checks, in one transaction and in none",
    arguments: [true, false])
  func legacies(transaction: Bool) throws {
    let role = PostgreSQLServer.freshName("owner")
    let shop = try PostgreSQLWorkspace()
    try shop.psql("CREATE ROLE \(role); CREATE SCHEMA s AUTHORIZATION \(role)")
    for (index, file) in Self.files.enumerated() {
      let sql = file.sql.replacing("NAME", with: "t_\(file.name)").replacing("OWNER", with: role)
      try shop.migration("\(10 + index)_\(file.name).sql", (transaction ? "" : "-- belay: no-transaction\n") + sql)
    }
    try shop.write(
      """
      checks:
        - name: orders
          sql: SELECT 1 WHERE (SELECT count(*) FROM orders) NOT IN (99, 100)
      """, to: "belay.yaml")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.psql("SELECT count(*) FROM public.belay_migrations") == "\(Self.files.count)")
    for file in Self.files {
      let place =
        "SELECT n.nspname || ' ' || pg_get_userbyid(relowner) FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace"
      let owner = file.owner.isEmpty ? "postgres" : role
      #expect(try shop.psql("\(place) WHERE relname = 't_\(file.name)'") == "\(file.schema) \(owner)")
    }
    #expect(try shop.psql("SELECT count(*) FROM orders") == "99")
    let again = try shop.belay("migrate", shop.url, "--yes")
    #expect(again.output.contains("nothing to apply"), "\(again)")
    try shop.psql("DROP SCHEMA s CASCADE; DROP ROLE \(role)")
  }

  @Test("a ledger is kept in a database whose search path is empty, and recovery finds it there")
  func emptyPath() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.psql("ALTER DATABASE \(PostgreSQLServer.quoted(shop.database)) SET search_path = ''")
    try shop.migration("1.sql", "CREATE TABLE public.one (i int);")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    try shop.migration("2.sql", "CREATE TABLE public.two (i int);")
    _ = try shop.belay("migrate", shop.url, "--yes", environment: ["BELAY_FAULT": "kill-both:committed:before"])
    let status = try shop.belay("recover")
    #expect(status.status == 0, "\(status)")
    let last = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(last.status), "\(last)")
    #expect(try shop.psql("SELECT string_agg(name, ' ' ORDER BY name) FROM public.belay_migrations") == "1.sql 2.sql")
  }

  @Test("a ledger in a schema that the session does not look into is named, and nothing is applied twice")
  func hidden() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration("1.sql", "CREATE TABLE public.one (i int);")
    try #require(try [0, 3].contains(shop.belay("migrate", shop.url, "--yes").status))
    try shop.psql("CREATE SCHEMA kept; ALTER TABLE belay_migrations SET SCHEMA kept")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 22, "\(run)")
    #expect(run.errors.contains("belay_migrations is in schema kept"), "\(run)")
    let named = try shop.belay("migrate", shop.url + "&options=-csearch_path%3Dpublic,kept", "--yes")
    #expect(named.output.contains("nothing to apply"), "\(named)")
  }
}
