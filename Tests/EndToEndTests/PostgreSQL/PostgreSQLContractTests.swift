import DriverTesting
import Foundation
import Testing

@Suite("What a migration on PostgreSQL may take along")
struct PostgreSQLContractTests {
  static let schema = """
    CREATE TABLE t (id int PRIMARY KEY, v text, a int, b int, CONSTRAINT ck CHECK (a < b), CONSTRAINT once UNIQUE (a, b));
    CREATE INDEX v ON t (v); CREATE INDEX both_of_them ON t (a) INCLUDE (b); CREATE INDEX part_of_it ON t (v) WHERE a > 3;
    CREATE STATISTICS st ON a, b FROM t; CREATE VIEW w AS SELECT id, v FROM t;
    INSERT INTO t SELECT i, 'v', i, i + 1 FROM generate_series(1, 50) i;
    CREATE TABLE other (id int); CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT 1';
    """

  private static let rebuild =
    "DROP VIEW w; CREATE TABLE t_new (LIKE t INCLUDING ALL); INSERT INTO t_new SELECT * FROM t; DROP TABLE t;"
    + " ALTER TABLE t_new RENAME TO t; CREATE VIEW w AS SELECT id, v FROM t;"

  static let good = [
    rebuild,
    "DO $$ BEGIN \(rebuild) END $$;", "ALTER TABLE t DROP COLUMN a;", "ALTER TABLE t DROP COLUMN b;",
    "ALTER TABLE t DROP COLUMN a, DROP COLUMN b;",
    "DO $$ BEGIN ALTER TABLE t RENAME TO t2; ALTER INDEX v RENAME TO v2; ALTER TABLE t2 RENAME CONSTRAINT ck TO ck2; END $$;",
    "DO $$ BEGIN ALTER VIEW w RENAME TO w2; ALTER FUNCTION f(int) RENAME TO f2; ALTER STATISTICS st RENAME TO st2; END $$;",
    "DO $$ BEGIN CREATE SCHEMA s; ALTER VIEW w SET SCHEMA s; ALTER FUNCTION f(int) SET SCHEMA s; END $$;",
    "WITH d AS (DELETE FROM t WHERE id < 9 RETURNING id) INSERT INTO other SELECT id FROM d;",
    "MERGE INTO t USING other ON t.id = other.id OR t.id < 9 WHEN MATCHED THEN DELETE WHEN NOT MATCHED THEN DO NOTHING;",
    "WITH d AS (DELETE FROM t WHERE id < 9 RETURNING id) SELECT count(*) FROM d;",
    "PREPARE gone AS DELETE FROM t WHERE id < 9; EXECUTE gone;",
    "CREATE TABLE kept AS SELECT * FROM t; EXPLAIN ANALYZE DELETE FROM t WHERE id < 9;",
    "UPDATE pg_index SET indisready = indisready WHERE indexrelid = 'v'::regclass;",
    "REVOKE ALL ON t FROM PUBLIC;", "GRANT SELECT ON t TO PUBLIC; REVOKE SELECT ON t FROM PUBLIC;",
  ]

  @Test(
    "no loss: what a rebuild makes again, what goes with a column, what has another name, what a DELETE deletes",
    arguments: good)
  func taken(sql: String) throws {
    let shop = try PostgreSQLWorkspace(schema: Self.schema)
    try shop.psql("GRANT UPDATE ON t TO PUBLIC")
    let lines = sql.contains("CREATE TABLE t_new") ? "-- belay: allow-loss public\n" : ""
    try shop.migration("1.sql", lines + sql)
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect([0, 3].contains(run.status), "\(run)")
  }

  static let bad: [(sql: String, says: String)] = [
    (rebuild, "grant public.t.public"),
    (
      rebuild.replacing("INCLUDING ALL", with: "INCLUDING DEFAULTS INCLUDING CONSTRAINTS"),
      "index public.t.v"
    ),
    ("DROP VIEW w; CREATE VIEW w AS SELECT id, v FROM t;", "grant public.w.public disappeared"),
    ("DO $$ BEGIN DROP TABLE t CASCADE; END $$;", "table public.t"),
    (
      "DO $$ BEGIN ALTER TABLE t RENAME TO t2; DELETE FROM t2 WHERE id < 9; END $$;",
      "was renamed and lost 8 of 50 rows"
    ),
    ("DO $$ BEGIN DROP INDEX part_of_it; END $$;", "index public.t.part_of_it disappeared"),
  ]

  @Test("a loss all the same", arguments: bad)
  func lost(_ lost: (sql: String, says: String)) throws {
    let shop = try PostgreSQLWorkspace(schema: Self.schema)
    try shop.psql("GRANT UPDATE ON t TO PUBLIC; GRANT SELECT ON w TO PUBLIC")
    let before = try shop.dump()
    try shop.migration("1.sql", lost.sql)
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(run.status == 31, "\(run)")
    #expect(run.errors.contains(lost.says), "\(run)")
    #expect(!run.errors.contains("role "), "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test("a grant that goes is no lost role")
  func role() throws {
    let role = PostgreSQLServer.freshName("reader")
    let shop = try PostgreSQLWorkspace(schema: Self.schema)
    try shop.psql("CREATE ROLE \(role); GRANT SELECT ON other TO \(role)")
    try shop.migration("1.sql", "REVOKE SELECT ON other FROM \(role);")
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect([0, 3].contains(run.status), "\(run)")
    try shop.migration("2.sql", "GRANT SELECT ON other TO \(role);")
    try #require(try [0, 3].contains(shop.belay("migrate", shop.url, "--yes", "--no-rehearse").status))
    try shop.migration("3.sql", "DO $$ BEGIN REVOKE SELECT ON other FROM \(role); END $$;")
    let hidden = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
    #expect(hidden.status == 31, "\(hidden)")
    #expect(hidden.errors.contains("grant public.other.\(role) disappeared"), "\(hidden)")
    #expect(!hidden.errors.contains("role \(role) disappeared"), "\(hidden)")
    try shop.psql("DROP OWNED BY \(role); DROP ROLE \(role)")
  }

  @Test("a restored database says which rows were computed anew")
  func stale() throws {
    let shop = try PostgreSQLWorkspace(schema: Self.schema)
    try shop.psql("CREATE MATERIALIZED VIEW m AS SELECT * FROM t; INSERT INTO t VALUES (51, 'v', 1, 99)")
    try #require(try shop.belay("backup", shop.url).status == 0)
    let id = try shop.latest()
    try shop.psql("DELETE FROM t")
    let back = try shop.belay("rollback", id, "--yes", "--confirm", try shop.code(for: id))
    #expect(back.status == 0, "\(back)")
    let told = "computed anew: materialized_view public.m"
    #expect((back.errors + back.output).contains(told), "\(back)")
    #expect(try shop.psql("SELECT count(*) FROM m") == "51")
  }

  // MARK: What a statement takes along

  private static let family = """
    CREATE TABLE users (id int PRIMARY KEY, name text);
    CREATE TABLE posts (id int PRIMARY KEY, u int REFERENCES users ON DELETE CASCADE, t text);
    CREATE TABLE notes (id int PRIMARY KEY, u int REFERENCES users ON DELETE SET NULL, t text);
    CREATE TABLE tree (id int PRIMARY KEY, up int REFERENCES tree ON DELETE CASCADE);
    INSERT INTO users SELECT i, 'a' FROM generate_series(1, 5) i;
    INSERT INTO posts SELECT i, 1 + i % 5, 'x' FROM generate_series(1, 10) i;
    INSERT INTO notes SELECT * FROM posts; INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2);
    CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql AS
      'BEGIN UPDATE users SET name = name || ''.'' WHERE id = NEW.id AND name NOT LIKE ''%.''; RETURN NULL; END';
    CREATE TRIGGER filled AFTER INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION fill();
    """

  /// What else the file does to the table whose rows go, or change.
  static let writes = [
    "", "DELETE FROM # WHERE t = 'nosuch';", "DELETE FROM # WHERE id = 7;", "INSERT INTO # VALUES (11), (12), (13);",
    "UPDATE # SET t = 'w' WHERE id = 7;", "INSERT INTO # VALUES (7) ON CONFLICT (id) DO UPDATE SET t = 'u';",
    "ALTER TABLE # ADD COLUMN more text;",
    "WITH d AS (DELETE FROM # WHERE id = 7 RETURNING id) SELECT count(*) FROM d;",
    "DO $$ BEGIN DELETE FROM # WHERE id = 99; END $$;",
  ]

  @Test("a key's action is found, whatever else the file writes", arguments: ["posts", "notes"], writes)
  func takenAlong(table: String, write: String) throws {
    let write = write.replacing("#", with: table)
    let other = table == "posts" ? "notes" : "posts"
    let shop = try PostgreSQLWorkspace(schema: Self.family)
    for file in ["DELETE FROM users WHERE id = 1;\n\(write)", "\(write)\nDELETE FROM users WHERE id = 1;"] {
      try shop.migration("1.sql", "-- belay: allow-loss \(other)\n\(file)")
      for more in [[], ["--no-rehearse"]] {
        let run = try Program.run(
          Program.belay().path, ["migrate", shop.url, "--yes"] + more, in: shop.folder)
        #expect(run.status == 31, "\(file)\n\(run)")
        #expect(run.errors.contains("table public.\(table) "), "\(file)\n\(run)")
        #expect(run.errors.contains("of \(table)_u_fkey, by 1.sql, line "), "\(file)\n\(run)")
      }
    }
  }

  /// Files, and what of them is refused; empty: nothing.
  static let others: [(String, String)] = [
    (
      "TRUNCATE users CASCADE;\nINSERT INTO posts VALUES (1), (2);\nDELETE FROM notes WHERE id = 99;",
      "table public.notes"
    ),
    ("TRUNCATE users, posts, notes;", ""),
    ("DELETE FROM tree WHERE id = 1;", "table public.tree lost 2 of 3 rows beyond what the statements write"),
    ("DELETE FROM tree WHERE id = 1;\nDELETE FROM tree WHERE id = 2;", "table public.tree lost 2 of 3 rows"),
    ("DELETE FROM tree;", ""), ("DELETE FROM tree WHERE id IN (3, 2, 1);", ""),
    ("UPDATE users SET name = 'b';", ""), ("INSERT INTO users VALUES (9, 'n');", ""),
    ("MERGE INTO tree USING users ON tree.id = users.id WHEN MATCHED AND tree.id = 3 THEN DELETE;", ""),
  ]

  @Test("what a statement takes along in its own table, and what a trigger fills in", arguments: others)
  func beyondItsRows(file: String, refused: String) throws {
    let shop = try PostgreSQLWorkspace(schema: Self.family)
    try shop.migration("1.sql", file)
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == (refused.isEmpty ? 0 : 31), "\(run)")
    #expect(refused.isEmpty || run.errors.contains(refused), "\(run)")
  }

  /// What fills the table that takes the place of `orders`, and what is found; empty: nothing.
  static let fillings: [(String, String)] = [
    ("INSERT INTO n SELECT * FROM orders;", ""),
    ("INSERT INTO n SELECT id, customer, cents + 1 FROM orders;", ""),
    ("INSERT INTO n(id, customer) SELECT id, customer FROM orders;", "have other values in cents"),
    ("INSERT INTO n SELECT id, cents, customer FROM orders;", "have other values in cents, customer"),
    (
      "INSERT INTO n SELECT * FROM orders WHERE id <> 7; INSERT INTO n VALUES (1000, 1, 1);",
      "1 of its 50 rows is no longer there, such as id 7"
    ),
  ]

  @Test("a table that is made anew holds the same rows, but for what was written for them", arguments: fillings)
  func rebuilt(_ filling: (sql: String, found: String)) throws {
    let shop = try PostgreSQLWorkspace(
      schema: """
        CREATE TABLE orders (id int PRIMARY KEY, customer int, cents int);
        INSERT INTO orders SELECT i, i % 7, i * 10 FROM generate_series(1, 50) i;
        """)
    try shop.migration(
      "1.sql",
      """
      CREATE TABLE n (LIKE orders INCLUDING ALL);
      \(filling.sql)
      DROP TABLE orders;
      ALTER TABLE n RENAME TO orders;
      """)
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == (filling.found.isEmpty ? 0 : 31), "\(filling.sql)\n\(run)")
    #expect(filling.found.isEmpty || run.errors.contains(filling.found), "\(run)")
  }
}
