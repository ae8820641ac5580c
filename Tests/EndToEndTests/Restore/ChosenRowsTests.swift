import DriverTesting
import Foundation
import Testing

@Suite("Rows of an archive beside what is there now")
struct ChosenRowsTests {
  @Test("a table comes back under another name, and the live one stays as it is")
  func besideTheLiveOne() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let was = try shop.sqlite("SELECT * FROM orders ORDER BY id")
    try shop.sqlite("UPDATE orders SET cents = 0; DELETE FROM orders WHERE id > 50;")
    let now = try shop.sqlite("SELECT * FROM orders ORDER BY id")
    let run = try shop.belay(
      "restore", "latest", "--into", shop.url, "--table", "orders", "--as", "orders_before")
    #expect(run.status == 0 && run.errors.contains("100 rows proven equal"), "\(run)")
    #expect(try shop.sqlite("SELECT * FROM orders_before ORDER BY id") == was)
    #expect(try shop.sqlite("SELECT * FROM orders ORDER BY id") == now)
    let again = try shop.belay(
      "restore", "latest", "--into", shop.url, "--table", "orders", "--as", "orders_before")
    #expect(again.status == 22 && again.errors.contains("orders_before is there already"), "\(again)")
    let two = try shop.belay(
      "restore", "latest", "--into", shop.url, "--table", "orders", "--table", "customers", "--as", "x")
    #expect(two.status == 64, "\(two)")
    // One without the engine's own key gets one.
    try shop.sqlite("CREATE TABLE w (k TEXT PRIMARY KEY, v BLOB) WITHOUT ROWID; INSERT INTO w VALUES ('a', x'00ff');")
    try #require(try shop.belay("backup", shop.url).status == 0)
    let keyed = try shop.belay("restore", "latest", "--into", shop.url, "--table", "w", "--as", "w2")
    #expect(keyed.status == 0, "\(keyed)")
    #expect(try shop.sqlite("SELECT k, hex(v) FROM w2") == "a|00FF")
  }

  @Test("rows that were lost come back among those that are there; one that is there stops all of them")
  func lostRows() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let was = try shop.sqlite("SELECT * FROM orders ORDER BY id")
    try shop.sqlite("DELETE FROM orders WHERE id BETWEEN 10 AND 19")
    let now = try shop.dump()
    let restore = ["restore", "latest", "--into", shop.url, "--table", "orders", "--where"]
    let clash = try shop.belay(restore + ["id BETWEEN 10 AND 20"])
    #expect(clash.status == 1 && clash.errors.contains("UNIQUE constraint failed"), "\(clash)")
    #expect(try shop.dump() == now)
    let wrong = try shop.belay(restore + ["nonsense = 1"])
    #expect(wrong.status == 1 && wrong.errors.contains("nonsense"), "\(wrong)")
    let run = try shop.belay(restore + ["id BETWEEN 10 AND 19"])
    #expect(run.status == 0 && run.errors.contains("10 rows"), "\(run)")
    #expect(try shop.sqlite("SELECT * FROM orders ORDER BY id") == was)
  }

  @Test("on PostgreSQL: beside the live one, among those there, and several tables that refer to each other")
  func postgreSQL() throws {
    let shop = try PostgreSQLWorkspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let was = try shop.psql("SELECT * FROM orders ORDER BY id")
    try shop.psql("DELETE FROM orders WHERE id % 10 = 3")
    let restore = ["restore", "latest", "--into", shop.url, "--table", "orders"]
    let beside = try shop.belay(restore + ["--as", "orders_before"])
    #expect(beside.status == 0, "\(beside)")
    #expect(try shop.psql("SELECT * FROM orders_before ORDER BY id") == was)
    let lost = try shop.belay(restore + ["--where", "id % 10 = 3"])
    #expect(lost.status == 0, "\(lost)")
    #expect(try shop.psql("SELECT * FROM orders ORDER BY id") == was)
    // Into a database with neither, the child named first: its foreign key is made.
    let copy = "\(shop.database)_two"
    try shop.server.makeDatabase(copy)
    defer { try? shop.server.dropDatabase(copy) }
    let two = try shop.belay(
      "restore", "latest", "--into", shop.server.url(copy), "--table", "orders", "--table", "customers")
    #expect(two.status == 0 && !two.errors.contains("not created"), "\(two)")
    #expect(
      try shop.server.psql("SELECT count(*) FROM pg_constraint WHERE contype = 'f'", database: copy) == "1")
  }
}

@Suite("What belongs to tables of PostgreSQL that are restored alone")
struct PostgreSQLTablesTests {
  private static let owned = """
    CREATE SCHEMA app;
    CREATE TYPE app.mood AS ENUM ('sad', 'ok');
    CREATE TABLE app.users (id serial PRIMARY KEY, mood app.mood DEFAULT 'ok');
    CREATE TABLE app.accounts (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, owner int REFERENCES app.users);
    CREATE SEQUENCE app.shared INCREMENT -1;
    CREATE TABLE app.shares (id int DEFAULT nextval('app.shared') PRIMARY KEY);
    INSERT INTO app.users SELECT FROM generate_series(1, 5);
    INSERT INTO app.accounts (owner) SELECT 5 FROM generate_series(1, 3);
    INSERT INTO app.shares SELECT FROM generate_series(1, 4);
    DELETE FROM app.users WHERE id = 4;
    """
  private static let next = """
    INSERT INTO app.users VALUES (DEFAULT) RETURNING id;
    INSERT INTO app.accounts (owner) VALUES (1) RETURNING id; INSERT INTO app.shares VALUES (DEFAULT) RETURNING id
    """
  private static let tables = ["app.accounts", "app.users", "app.shares"].flatMap { ["--table", $0] }

  @Test("the next row gets a new key, in an empty database, in one with other tables, and where rows came back")
  func keys() throws {
    let shop = try PostgreSQLWorkspace(schema: PostgreSQLWorkspace.shop + Self.owned)
    try #require(try shop.belay("backup", shop.url).status == 0)
    for other in ["", "CREATE TABLE other (a int)"] {
      let copy = PostgreSQLServer.freshName("copy")
      try shop.server.makeDatabase(copy, other)
      defer { try? shop.server.dropDatabase(copy) }
      let run = try shop.belay(["restore", "latest", "--into", shop.server.url(copy)] + Self.tables)
      #expect(run.status == 0 && !run.errors.contains("not created"), "\(run)")
      #expect(try shop.server.psql(Self.next, database: copy) == "6\n4\n-5")
      // It made what these tables need, and nothing else.
      let made = "SELECT count(*) FROM pg_proc WHERE proname = 'gone'"
      if !other.isEmpty { #expect(try shop.server.psql(made, database: copy) == "0") }
    }
    try shop.psql(
      "DELETE FROM app.accounts; DELETE FROM app.users WHERE id > 2; ALTER SEQUENCE app.users_id_seq RESTART")
    let rows = try shop.belay(
      "restore", "latest", "--into", shop.url, "--table", "app.users", "--where", "id > 2")
    #expect(rows.status == 0, "\(rows)")
    #expect(try shop.psql("INSERT INTO app.users VALUES (DEFAULT) RETURNING id") == "6")
  }

  @Test("rows alone go in behind those that they refer to, and the next row gets a new key")
  func rowsOnly() throws {
    let shop = try PostgreSQLWorkspace(schema: Self.owned)
    try #require(try shop.belay("backup", shop.url).status == 0)
    let copy = PostgreSQLServer.freshName("rows")
    try shop.server.makeDatabase(copy, Self.owned)
    defer { try? shop.server.dropDatabase(copy) }
    try shop.server.psql("TRUNCATE app.accounts, app.users, app.shares RESTART IDENTITY", database: copy)
    let run = try shop.belay("restore", "latest", "--into", shop.server.url(copy), "--rows-only")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.server.psql(Self.next, database: copy) == "6\n4\n-5")
  }

  @Test("a part stays without what is granted on other tables, and a view that holds rows is filled")
  func grants() throws {
    let role = PostgreSQLServer.freshName("joe")
    let shop = try PostgreSQLWorkspace(
      schema: """
        CREATE ROLE \(role);
        CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (7);
        CREATE TABLE u (id int); GRANT SELECT ON u TO \(role);
        CREATE MATERIALIZED VIEW mv AS SELECT id FROM t; CREATE UNIQUE INDEX ON mv (id);
        """)
    defer { _ = try? shop.psql("DROP OWNED BY \(role); DROP ROLE \(role)") }
    for (options, query, rows) in [
      (["--table", "t"], "SELECT id FROM mv", "7"), (["--exclude-table", "t"], "SELECT count(*) FROM u", "0"),
    ] {
      let run = try shop.belay(["backup", shop.url] + options)
      #expect(run.status == 0, "\(options): \(run)")
      let copy = PostgreSQLServer.freshName("part")
      let restore = try shop.belay("restore", "latest", "--into", shop.server.url(copy))
      defer { try? shop.server.dropDatabase(copy) }
      #expect(restore.status == 0, "\(restore)")
      #expect(try shop.server.psql(query, database: copy) == rows)
    }
  }
}

@Suite("SQL text that belay makes of rows of PostgreSQL")
struct PostgreSQLTextTests {
  private static let odd = """
    CREATE TABLE odd (id int PRIMARY KEY, t text, b bytea);
    INSERT INTO odd VALUES (1, E'line\\r\\nline ''é'' \\\\x', '\\x00ff5c27'), (2, '', ''), (3, NULL, NULL);
    """

  @Test("psql reads the same values from an archive of SQL alone, and from what is extracted")
  func byHand() throws {
    let shop = try PostgreSQLWorkspace(schema: PostgreSQLWorkspace.shop + Self.odd)
    let run = try shop.belay("backup", shop.url, "--formats", "sql,csv")
    #expect(run.status == 0 && run.output.contains("verified at level restore"), "\(run)")
    let all = "SELECT id, md5(t), md5(b) FROM odd ORDER BY id"
    let rows = try shop.psql(all)
    let copy = PostgreSQLServer.freshName("hand")
    try shop.server.makeDatabase(copy)
    defer { try? shop.server.dropDatabase(copy) }
    let psql = "\(shop.server.programs)/psql -X -q -v ON_ERROR_STOP=1 -d '\(shop.server.url(copy))'"
    let hand = try Program.run(
      "/bin/sh",
      ["-c", "tar xOf backups/\(try shop.latest()).tar full_backup.sql.zst | zstd -qdc | \(psql) >/dev/null"],
      in: shop.folder)
    #expect(hand.status == 0, "\(hand)")
    #expect(try shop.server.psql(all, database: copy) == rows)
    let extract = try shop.belay("extract", "latest", "--table", "odd", "--as", "sql")
    #expect(extract.status == 0, "\(extract)")
    try shop.server.psql("TRUNCATE odd; \(extract.output)", database: copy)
    #expect(try shop.server.psql(all, database: copy) == rows)
    // Nothing but text: belay loads it, too.
    let text = try shop.belay("backup", shop.url, "--formats", "sql", "--name", "text")
    #expect(text.status == 0 && text.output.contains("verified at level restore"), "\(text)")
  }
}

@Suite("Rows of an archive of one engine in tables of another one")
struct RowsOnlyTests {
  @Test("of PostgreSQL in SQLite and back, with what has no place named before")
  func thereAndBack() throws {
    let shop = try PostgreSQLWorkspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let all = "SELECT id, customer, cents FROM orders ORDER BY id"
    let rows = try shop.psql(all)
    let file = shop.folder.appending(path: "copy.db")
    func sqlite(_ sql: String) throws -> String {
      let run = try Program.run("/usr/bin/env", ["sqlite3", "-bail", file.path, sql], in: shop.folder)
      try #require(run.status == 0, "\(run)")
      return run.output.trimmingCharacters(in: .newlines)
    }
    _ = try sqlite("CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER, cents INTEGER)")
    let into = ["restore", "latest", "--into", "sqlite:copy.db", "--rows-only"]
    let refused = try shop.belay(into)
    #expect(refused.status == 22 && refused.errors.contains("table public.customers with 20 rows"), "\(refused)")
    #expect(try sqlite("SELECT count(*) FROM orders") == "0")
    let run = try shop.belay(into + ["--table", "orders"])
    #expect(run.status == 0 && run.errors.contains("proven equal"), "\(run)")
    #expect(try sqlite(all) == rows)
    let full = try shop.belay(into + ["--table", "orders"])
    #expect(full.status == 22 && full.errors.contains("already contains 100 rows"), "\(full)")
    // And back, into the tables that migrations have made there.
    try #require(try shop.belay("backup", "sqlite:copy.db", "--name", "copy").status == 0)
    try shop.psql("TRUNCATE orders")
    let back = try shop.belay("restore", "latest:sqlite:copy.db", "--into", shop.url, "--rows-only")
    #expect(back.status == 0, "\(back)")
    #expect(try shop.psql(all) == rows)
    #expect(
      try shop.psql("INSERT INTO orders(customer, cents) VALUES (1, 1) RETURNING id").split(separator: "\n").last
        == "101")
  }

  @Test("what the target would keep in another form is refused with its column, or named")
  func otherForm() throws {
    let shop = try Workspace(
      schema:
        "CREATE TABLE t (id INTEGER PRIMARY KEY, n, plain TEXT); INSERT INTO t VALUES (1, '0.1234567890123456789', 'x');"
    )
    try #require(try shop.belay("backup", shop.url).status == 0)
    let file = shop.folder.appending(path: "other.db")
    try shop.sqlite("CREATE TABLE t (id INTEGER PRIMARY KEY, n REAL, plain TEXT)", on: file)
    let into = ["restore", "latest", "--into", "sqlite:other.db", "--rows-only"]
    let refused = try shop.belay(into)
    #expect(refused.status == 22 && refused.errors.contains("column n of table t"), "\(refused)")
    #expect(!refused.errors.contains("column plain"))
    #expect(try shop.sqlite("SELECT count(*) FROM t", on: file) == "0")
    let run = try shop.belay(into + ["--allow-loss"])
    #expect(run.status == 3 && run.errors.contains("column n of table t"), "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM t", on: file) == "1")
  }
}
