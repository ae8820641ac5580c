import BelayDrivers
import DriverTesting
import Testing

/// What statements name and write.
@Suite struct ScriptWriteTests {
  static let schema = """
    CREATE SCHEMA app; CREATE SCHEMA "Odd";
    CREATE TABLE users(id serial PRIMARY KEY, name text DEFAULT 'x', email text UNIQUE, age int CHECK (age > 0));
    CREATE INDEX users_name ON users(name); CREATE INDEX users_both ON users(name, email);
    CREATE TABLE orders(id bigint GENERATED ALWAYS AS IDENTITY, user_id int CONSTRAINT own REFERENCES users);
    CREATE TABLE app.users(id int); CREATE TABLE app.jobs(id int);
    CREATE TABLE parted(a int, b int) PARTITION BY RANGE (a);
    CREATE TABLE part1 PARTITION OF parted FOR VALUES FROM (0) TO (9);
    CREATE TABLE part2 PARTITION OF parted FOR VALUES FROM (10) TO (19);
    CREATE TABLE loose(a int, b int);
    CREATE TABLE base(a int); CREATE TABLE derived(b int) INHERITS (base);
    CREATE VIEW names AS SELECT id, name FROM users; CREATE MATERIALIZED VIEW totals AS SELECT 1 AS n;
    CREATE TYPE mood AS ENUM ('ok'); CREATE DOMAIN age AS int CONSTRAINT positive CHECK (VALUE > 0);
    CREATE TYPE pair AS (a int, b int); CREATE SEQUENCE counter;
    CREATE FUNCTION twice(int) RETURNS int IMMUTABLE LANGUAGE sql AS 'SELECT $1 * 2';
    CREATE FUNCTION twice(x text, y mood[]) RETURNS text IMMUTABLE LANGUAGE sql AS 'SELECT $1';
    CREATE PROCEDURE proc() LANGUAGE sql AS 'SELECT 1';
    CREATE FUNCTION trg() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
    CREATE TRIGGER tell BEFORE INSERT ON users FOR EACH ROW EXECUTE FUNCTION trg();
    CREATE POLICY mine ON users USING (true); CREATE RULE quiet AS ON DELETE TO loose DO NOTHING;
    CREATE TABLE "Odd"."Tä;ble" ("Colümn" int);
    CREATE TABLE wide(a int, b int, c int, CHECK (a < b), CONSTRAINT wide_once UNIQUE (a, b));
    CREATE INDEX wide_sum ON wide((a + b)); CREATE INDEX wide_where ON wide(c) WHERE a > 0;
    CREATE INDEX wide_included ON wide(c) INCLUDE (a); CREATE STATISTICS wide_stat ON a, b FROM wide;
    GRANT SELECT (a) ON wide TO PUBLIC; GRANT INSERT ON orders TO PUBLIC;
    """

  /// A script, and what its last statement writes: kind schema.parent/name actions.
  static let writing: [(String, [String])] = [
    // Rows
    ("SELECT * FROM users", []),
    ("INSERT INTO users(name) VALUES ('x')", ["table public.users insert"]),
    ("INSERT INTO users VALUES (1) ON CONFLICT DO NOTHING", ["table public.users insert"]),
    ("INSERT INTO users VALUES (1) ON CONFLICT (id) DO UPDATE SET name = 'y'", ["table public.users insert,update"]),
    ("UPDATE users u SET name = o.id FROM orders o WHERE true", ["table public.users update"]),
    ("DELETE FROM app.users USING orders", ["table app.users delete"]),
    (
      "WITH gone AS (DELETE FROM orders RETURNING id), new AS (INSERT INTO app.jobs SELECT id FROM gone RETURNING 1) "
        + "UPDATE users SET age = 1",
      ["table public.users update", "table public.orders delete", "table app.jobs insert"]
    ),
    ("WITH users AS (SELECT 1) DELETE FROM users", ["table public.users delete"]),
    (
      "MERGE INTO users u USING orders o ON u.id = o.user_id WHEN MATCHED THEN DELETE "
        + "WHEN NOT MATCHED THEN INSERT (name) VALUES ('n')", ["table public.users insert,delete"]
    ),
    ("TRUNCATE users, ONLY base CASCADE", ["table public.users delete", "table public.base delete"]),
    ("TRUNCATE base", ["table public.base delete", "table public.derived delete"]),
    (
      "TRUNCATE parted", ["table public.parted delete", "table public.part1 delete", "table public.part2 delete"]
    ),
    ("COPY app.jobs FROM '/x.csv'", ["table app.jobs insert"]),
    ("COPY users TO '/x.csv'", []),
    ("COPY (DELETE FROM users RETURNING *) TO '/x.csv'", ["table public.users delete"]),
    ("EXPLAIN ANALYZE DELETE FROM users", ["table public.users delete"]),
    ("EXPLAIN DELETE FROM users", []),
    (
      "INSERT INTO parted VALUES (1, 1)",
      ["table public.parted insert", "table public.part1 insert", "table public.part2 insert"]
    ),
    (
      "UPDATE parted SET b = 1",
      ["table public.parted update", "table public.part1 update", "table public.part2 update"]
    ),
    (
      "UPDATE parted SET a = 11",
      [
        "table public.parted insert,update,delete", "table public.part1 insert,update,delete",
        "table public.part2 insert,update,delete",
      ]
    ),
    ("DELETE FROM part1", ["table public.part1 delete"]),
    ("DELETE FROM base", ["table public.base delete", "table public.derived delete"]),
    ("DELETE FROM ONLY base", ["table public.base delete"]),
    ("INSERT INTO base VALUES (1)", ["table public.base insert"]),
    ("INSERT INTO names(name) VALUES ('x')", ["view public.names insert", "table public.users insert"]),
    ("PREPARE q AS UPDATE users SET age = 2; EXECUTE q", ["table public.users update"]),
    ("INSERT INTO \"Odd\".\"Tä;ble\" VALUES (1)", ["table Odd.Tä;ble insert"]),
    // Tables
    ("CREATE TABLE t(a int)", ["table public.t create"]),
    ("CREATE TABLE IF NOT EXISTS users(a int)", []),
    ("CREATE TEMP TABLE users(a int)", ["table pg_temp.users create"]),
    ("CREATE TEMP TABLE users(a int); DELETE FROM users", ["table pg_temp.users delete"]),
    ("CREATE TABLE t AS SELECT 1 AS a", ["table public.t insert,create"]),
    ("CREATE TABLE t AS SELECT 1 AS a WITH NO DATA", ["table public.t create"]),
    ("SELECT 1 AS a INTO app.t", ["table app.t insert,create"]),
    (
      "CREATE TABLE t(id serial PRIMARY KEY, u int REFERENCES users, x text UNIQUE, CHECK (id > u), CHECK (x <> ''))",
      [
        "table public.t create", "default public.t/id create", "sequence public.t/t_id_seq create",
        "constraint public.t/t_pkey create", "index public.t/t_pkey create", "constraint public.t/t_u_fkey create",
        "constraint public.t/t_x_key create", "index public.t/t_x_key create", "constraint public.t/t_check create",
        "constraint public.t/t_x_check create",
      ]
    ),
    (
      "CREATE TABLE part3 PARTITION OF parted FOR VALUES FROM (20) TO (29)",
      ["table public.parted alter", "table public.part3 create"]
    ),
    ("DROP TABLE users CASCADE", ["table public.users drop", "sequence public.users/users_id_seq drop"]),
    ("DROP TABLE IF EXISTS nowhere, app.jobs", ["table app.jobs drop"]),
    ("DROP TABLE parted", ["table public.parted drop", "table public.part1 drop", "table public.part2 drop"]),
    ("ALTER TABLE app.jobs ADD COLUMN x text", ["table app.jobs alter", "column app.jobs/x create"]),
    ("ALTER TABLE app.jobs ADD COLUMN IF NOT EXISTS id int", ["table app.jobs alter"]),
    (
      "ALTER TABLE base ADD COLUMN x text",
      [
        "table public.base alter", "column public.base/x create", "table public.derived alter",
        "column public.derived/x create",
      ]
    ),
    (
      "ALTER TABLE users DROP COLUMN name",
      [
        "table public.users alter", "column public.users/name drop", "default public.users/name drop",
        "index public.users/users_both drop", "index public.users/users_name drop",
      ]
    ),
    (
      "ALTER TABLE users DROP COLUMN email",
      [
        "table public.users alter", "column public.users/email drop", "constraint public.users/users_email_key drop",
        "index public.users/users_email_key drop", "index public.users/users_both drop",
      ]
    ),
    // A table of which each part stands on two columns.
    (
      "ALTER TABLE wide DROP COLUMN a",
      [
        "table public.wide alter", "column public.wide/a drop", "constraint public.wide/wide_check drop",
        "constraint public.wide/wide_once drop", "index public.wide/wide_once drop",
        "statistics public.wide/wide_stat drop", "grant public.wide/public (a) drop",
        "index public.wide/wide_included drop", "index public.wide/wide_sum drop", "index public.wide/wide_where drop",
      ]
    ),
    (
      "ALTER TABLE wide RENAME a TO z; ALTER TABLE wide DROP COLUMN b, DROP COLUMN c; ALTER TABLE wide DROP COLUMN z",
      ["table public.wide alter", "column public.wide/z drop", "grant public.wide/public (z) drop"]
    ),
    (
      "CREATE INDEX later ON wide ((a + b)) WHERE c > 0; ALTER TABLE wide DROP COLUMN c",
      [
        "table public.wide alter", "column public.wide/c drop", "index public.wide/later drop",
        "index public.wide/wide_included drop", "index public.wide/wide_where drop",
      ]
    ),
    (
      "ALTER TABLE orders DROP COLUMN id",
      ["table public.orders alter", "column public.orders/id drop", "sequence public.orders/orders_id_seq drop"]
    ),
    (
      "ALTER TABLE users ALTER age TYPE bigint, ALTER name DROP DEFAULT, ALTER name SET NOT NULL",
      [
        "table public.users alter", "column public.users/age alter", "column public.users/name alter",
        "default public.users/name drop",
      ]
    ),
    (
      "ALTER TABLE orders DROP CONSTRAINT own, ADD CONSTRAINT mine FOREIGN KEY (user_id) REFERENCES users NOT VALID",
      ["table public.orders alter", "constraint public.orders/own drop", "constraint public.orders/mine create"]
    ),
    (
      "ALTER TABLE users DROP CONSTRAINT users_pkey",
      ["table public.users alter", "constraint public.users/users_pkey drop", "index public.users/users_pkey drop"]
    ),
    (
      "CREATE UNIQUE INDEX u ON app.jobs(id); ALTER TABLE app.jobs ADD CONSTRAINT one UNIQUE USING INDEX u",
      [
        "table app.jobs alter", "constraint app.jobs/one create", "index app.jobs/u drop,alter",
        "index app.jobs/one create,alter",
      ]
    ),
    ("ALTER TABLE parted DETACH PARTITION part1", ["table public.parted alter", "table public.part1 alter"]),
    (
      "ALTER TABLE parted DETACH PARTITION part1; DELETE FROM parted",
      ["table public.parted delete", "table public.part2 delete"]
    ),
    (
      "ALTER TABLE parted ATTACH PARTITION loose FOR VALUES FROM (20) TO (29)",
      ["table public.parted alter", "table public.loose alter"]
    ),
    (
      "ALTER TABLE orders OWNER TO postgres",
      ["table public.orders alter", "sequence public.orders/orders_id_seq alter"]
    ),
    ("ALTER TABLE users DISABLE TRIGGER tell", ["table public.users alter", "trigger public.users/tell alter"]),
    ("ALTER TABLE IF EXISTS nowhere ADD x int", []),
    // Renamed
    (
      "ALTER TABLE app.jobs RENAME TO tasks",
      [
        "table app.jobs drop,alter", "table app.tasks create,alter", "column app.jobs/id drop,alter",
        "column app.tasks/id create,alter",
      ]
    ),
    ("ALTER TABLE app.jobs RENAME TO tasks; DELETE FROM app.tasks", ["table app.tasks delete"]),
    (
      "ALTER TABLE users RENAME name TO called",
      [
        "table public.users alter", "column public.users/name drop,alter", "column public.users/called create,alter",
        "default public.users/name drop,alter", "default public.users/called create,alter",
      ]
    ),
    (
      "ALTER TABLE users RENAME CONSTRAINT users_pkey TO users_key",
      [
        "table public.users alter", "constraint public.users/users_pkey drop,alter",
        "constraint public.users/users_key create,alter", "index public.users/users_pkey drop,alter",
        "index public.users/users_key create,alter",
      ]
    ),
    (
      "ALTER INDEX users_name RENAME TO by_name",
      ["index public.users/users_name drop,alter", "index public.users/by_name create,alter"]
    ),
    (
      "ALTER TABLE app.jobs SET SCHEMA public",
      [
        "table app.jobs drop,alter", "table public.jobs create,alter", "column app.jobs/id drop,alter",
        "column public.jobs/id create,alter",
      ]
    ),
    (
      "ALTER SCHEMA \"Odd\" RENAME TO plain",
      [
        "schema Odd drop,alter", "schema plain create,alter", "table Odd.Tä;ble drop,alter",
        "table plain.Tä;ble create,alter", "column Odd.Tä;ble/Colümn drop,alter",
        "column plain.Tä;ble/Colümn create,alter",
      ]
    ),
    (
      "ALTER TYPE mood RENAME TO humour",
      [
        "type public.mood drop,alter", "type public.humour create,alter",
        "function public.twice(text, public.mood[]) drop,alter",
        "function public.twice(text, public.humour[]) create,alter",
      ]
    ),
    (
      "ALTER FUNCTION twice(int) RENAME TO double",
      ["function public.twice(integer) drop,alter", "function public.double(integer) create,alter"]
    ),
    (
      "ALTER TRIGGER tell ON users RENAME TO say",
      ["trigger public.users/tell drop,alter", "trigger public.users/say create,alter"]
    ),
    // Indexes, views, sequences
    ("CREATE INDEX ON users(lower(name), age)", ["index public.users/users_lower_age_idx create"]),
    ("CREATE INDEX ON users(name); DROP INDEX users_name_idx", ["index public.users/users_name_idx drop"]),
    ("CREATE INDEX IF NOT EXISTS users_name ON users(name)", []),
    ("DROP INDEX users_name", ["index public.users/users_name drop"]),
    ("REINDEX INDEX users_name", ["index public.users/users_name alter"]),
    ("CREATE VIEW v AS SELECT 1 AS x", ["view public.v create"]),
    ("CREATE OR REPLACE VIEW names AS SELECT id, name FROM users", ["view public.names alter"]),
    ("CREATE VIEW v AS SELECT * FROM app.jobs; DELETE FROM v", ["view public.v delete", "table app.jobs delete"]),
    ("DROP VIEW names", ["view public.names drop"]),
    ("CREATE MATERIALIZED VIEW m AS SELECT 1 AS x", ["materialized_view public.m create"]),
    ("REFRESH MATERIALIZED VIEW totals", ["materialized_view public.totals update,alter"]),
    ("DROP MATERIALIZED VIEW totals", ["materialized_view public.totals drop"]),
    ("CREATE SEQUENCE app.s", ["sequence app.s create"]),
    ("ALTER SEQUENCE counter RESTART", ["sequence public.counter alter"]),
    (
      "ALTER SEQUENCE counter OWNED BY users.age",
      ["sequence public.counter drop,alter", "sequence public.users/counter create,alter"]
    ),
    ("CREATE SEQUENCE s OWNED BY users.age", ["sequence public.users/s create"]),
    ("CREATE DOMAIN d AS int CHECK (VALUE > 0)", ["type public.d create", "constraint public.d/d_check create"]),
    ("DROP SEQUENCE counter", ["sequence public.counter drop"]),
    // Everything else
    ("CREATE FUNCTION twice(x bigint, OUT y int) LANGUAGE sql AS 'SELECT 1'", ["function public.twice(bigint) create"]),
    (
      "CREATE OR REPLACE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT 1'",
      ["function public.twice(integer) alter"]
    ),
    (
      "CREATE FUNCTION app.f(mood, varchar(3), timestamptz[]) RETURNS int LANGUAGE sql AS 'SELECT 1'",
      ["function app.f(public.mood, character varying, timestamp with time zone[]) create"]
    ),
    ("DROP FUNCTION twice(int)", ["function public.twice(integer) drop"]),
    ("DROP FUNCTION twice(text, mood[])", ["function public.twice(text, public.mood[]) drop"]),
    ("DROP FUNCTION trg", ["function public.trg() drop"]), ("DROP ROUTINE proc", ["procedure public.proc() drop"]),
    ("DROP PROCEDURE IF EXISTS nowhere()", []),
    ("CREATE TYPE app.colour AS ENUM ('red')", ["type app.colour create"]),
    ("ALTER TYPE mood ADD VALUE 'sad'", ["type public.mood alter"]),
    ("DROP TYPE mood CASCADE", ["type public.mood drop"]),
    ("ALTER TYPE pair ADD ATTRIBUTE c int", ["type public.pair alter"]),
    ("ALTER DOMAIN age DROP CONSTRAINT positive", ["type public.age alter", "constraint public.age/positive drop"]),
    ("DROP DOMAIN age", ["type public.age drop"]),
    ("CREATE TRIGGER n AFTER INSERT ON users FOR EACH ROW EXECUTE FUNCTION trg()", ["trigger public.users/n create"]),
    ("DROP TRIGGER tell ON users", ["trigger public.users/tell drop"]),
    ("DROP TRIGGER IF EXISTS tell ON nowhere", []), ("DROP RULE quiet ON loose", ["rule public.loose/quiet drop"]),
    ("CREATE POLICY p ON users", ["policy public.users/p create"]),
    ("DROP POLICY mine ON users", ["policy public.users/mine drop"]),
    ("COMMENT ON COLUMN users.name IS 'x'", ["column public.users/name alter"]),
    ("COMMENT ON FUNCTION twice(int) IS NULL", ["function public.twice(integer) alter"]),
    (
      "GRANT SELECT ON users, app.jobs TO PUBLIC",
      [
        "table public.users alter", "grant public.users/public create,alter", "table app.jobs alter",
        "grant app.jobs/public create,alter",
      ]
    ),
    (
      "GRANT SELECT ON ALL TABLES IN SCHEMA app TO PUBLIC",
      [
        "table app.jobs alter", "grant app.jobs/public create,alter", "table app.users alter",
        "grant app.users/public create,alter",
      ]
    ),
    ("REVOKE INSERT ON orders FROM PUBLIC", ["table public.orders alter", "grant public.orders/public drop,alter"]),
    (
      "REVOKE ALL ON wide FROM PUBLIC",
      ["table public.wide alter", "grant public.wide/public (a) drop,alter", "grant public.wide/public drop,alter"]
    ),
    ("GRANT SELECT ON pg_authid TO PUBLIC", ["acl pg_catalog.TABLE pg_catalog.pg_authid create,drop,alter"]),
    (
      "REVOKE EXECUTE ON FUNCTION pg_read_file(text) FROM PUBLIC",
      ["acl pg_catalog.FUNCTION pg_catalog.pg_read_file(text) create,drop,alter"]
    ),
    ("COMMENT ON TYPE int4 IS 'x'", []), ("LOCK TABLE pg_class", []),
    (
      "ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT SELECT ON TABLES TO PUBLIC",
      ["default_acl app.TABLES of postgres create,drop,alter"]
    ),
    ("CREATE SCHEMA s CREATE TABLE t(a int)", ["schema s create", "table s.t create"]),
    ("DROP SCHEMA app CASCADE", ["schema app drop"]), ("CREATE EXTENSION pgcrypto", ["extension pgcrypto create"]),
    ("DROP EXTENSION IF EXISTS pgcrypto", ["extension pgcrypto drop"]),
    ("CREATE STATISTICS st ON name, age FROM users", ["statistics public.users/st create"]),
    ("CREATE PUBLICATION pub FOR ALL TABLES", ["publication pub create"]),
    ("CREATE CAST (mood AS pair) WITH INOUT", ["cast (public.mood AS public.pair) create"]),
    (
      "CREATE OPERATOR <+> (leftarg = int, rightarg = int, function = int4pl)",
      ["operator public.<+>(integer, integer) create"]
    ),
    ("CREATE ROLE r", ["role r create"]),
    ("ALTER TABLE users OWNER TO r", ["table public.users alter", "sequence public.users/users_id_seq alter"]),
    // The search path
    ("SET search_path TO app; DELETE FROM users", ["table app.users delete"]),
    ("SET LOCAL search_path = \"Odd\", app; DELETE FROM users", ["table app.users delete"]),
    ("SET search_path TO app; RESET search_path; DELETE FROM users", ["table public.users delete"]),
    ("SET search_path TO app; CREATE TABLE t(a int)", ["table app.t create"]),
    ("SELECT pg_catalog.set_config('search_path', '', false); DELETE FROM app.users", ["table app.users delete"]),
    ("SELECT set_config('search_path', 'nowhere, app', false); DELETE FROM users", ["table app.users delete"]),
    ("CREATE SCHEMA postgres; CREATE TABLE t(a int)", ["table postgres.t create"]),
    ("DROP TABLE app.users; SET search_path TO app, public; DELETE FROM users", ["table public.users delete"]),
    ("DELETE FROM public.users", ["table public.users delete"]),
  ]

  private static func describe(_ write: ScriptWrite) -> String {
    let names: [(WriteActions, String)] = [
      (.insert, "insert"), (.update, "update"), (.delete, "delete"), (.create, "create"), (.drop, "drop"),
      (.alter, "alter"),
    ]
    let actions = names.filter { write.actions.contains($0.0) }.map(\.1).joined(separator: ",")
    let schema = write.schema.isEmpty ? "" : write.schema + "."
    return "\(write.kind) \(schema)\(write.parent.isEmpty ? "" : write.parent + "/")\(write.name) \(actions)"
  }

  /// All cases share one database, which reading leaves as it is.
  private static let sample = Result { try Sample(schema) }

  @Test func `every statement names what it writes`() throws {
    let connection = try Self.sample.get().connect()
    defer { connection.close() }
    for (script, expected) in Self.writing {
      let statements = try connection.split(script, operation: Operation())
      #expect(statements.last?.writes.map(Self.describe) == expected, "\(script)")
      #expect(statements.allSatisfy { !$0.flags.contains(.unread) }, "\(script): \(statements.last?.note ?? "")")
    }
  }

  /// Objects as the catalog has them, which is how statements must name them.
  private static func objects(_ connection: Connection) throws -> Set<String> {
    let catalog = try connection.catalog(operation: Operation())
    let skipped = ["column", "setting", "database", "role", "internal_table"]
    return Set(
      catalog.objects.filter { !skipped.contains($0.kind) && !$0.flags.contains(.internal) }.map { describe($0) })
  }

  private static func describe(_ object: SchemaObject) -> String {
    describe(object.kind, object.schema, object.parent, object.name)
  }

  private static func describe(_ kind: String, _ schema: String, _ parent: String, _ name: String) -> String {
    "\(kind) \(schema.isEmpty ? "" : schema + ".")\(parent.isEmpty ? "" : parent + "/")\(name)"
  }

  private static func named(_ statement: Statement, _ action: WriteActions) -> Set<String> {
    Set(
      statement.writes.filter { $0.actions.contains(action) && $0.kind != "column" && $0.schema != "pg_temp" }
        .map { describe($0.kind, $0.schema, $0.parent, $0.name) })
  }

  @Test func `what is named as made or dropped is what the catalog gains or loses`() throws {
    let sample = try Sample(Self.schema)
    let connection = try sample.connect()
    defer { connection.close() }
    let before = try Self.objects(connection)
    // What the server refuses here, or does outside of the catalog, or by CASCADE.
    let skipped = [
      "DROP COLUMN name", "DROP CONSTRAINT users_pkey", "FUNCTION trg", "CASCADE", "COPY", "ROLE", "OWNER TO r",
      "pg_read_file",
      "EXPLAIN ANALYZE",
    ]
    var count = 0
    for (script, _) in Self.writing where !skipped.contains(where: { script.contains($0) }) {
      let statements = try connection.split(script, operation: Operation())
      var known = before
      try connection.run("BEGIN")
      for statement in statements {
        do { try connection.run(statement.sql) } catch {
          Issue.record("\(statement.sql): \(error)")
          break
        }
        let made = Self.named(statement, .create)
        let dropped = Self.named(statement, .drop)
        guard !statement.writes.allSatisfy({ $0.actions.isDisjoint(with: [.create, .drop]) }) else { continue }
        let now = try Self.objects(connection)
        count += 1
        // Partitions get what their parent has. A key and its index are one object of the catalog.
        let gained = now.subtracting(known).filter { !$0.contains(".part3/") }
        #expect(gained.subtracting(made).isEmpty, "\(statement.sql) makes")
        let isIndexOfKey = { (name: String) in name.hasPrefix("index ") }
        let kept = made.subtracting(now).filter { !isIndexOfKey($0) && !$0.hasPrefix("default_acl") }
        #expect(kept.isEmpty, "\(statement.sql) is said to make")
        // What belongs to a table goes with it.
        let tables = dropped.filter { $0.hasPrefix("table ") || $0.hasPrefix("view ") || $0.hasPrefix("type ") }.map {
          name in
          name.split(separator: " ", maxSplits: 1).last.map { $0 + "/" } ?? ""
        }
        let lost = known.subtracting(now).filter { object in !tables.contains { object.contains($0) } }
        // Those of two columns, one of them gone, are for the host to find.
        #expect(lost.subtracting(dropped).isEmpty, "\(statement.sql) drops")
        let stayed = dropped.intersection(now).subtracting(made)
        #expect(stayed.isEmpty, "\(statement.sql) is said to drop")
        known = now
      }
      try connection.run("ROLLBACK")
    }
    #expect(count > 60)
  }

  @Test func `a museum of objects is read, and everything in it is named as it is made`() throws {
    let server = try PostgreSQLServer.shared()
    try server.psql(CatalogMuseum.roles)
    let name = try server.makeDatabase()
    let connection = try BuiltDriver.open(name)
    let statements = try connection.split(CatalogMuseum.sql, operation: Operation())
    let unread = statements.filter { $0.flags.contains(.unread) && !$0.sql.hasPrefix("DO ") }
    #expect(unread.map { "\($0.line) \($0.sql.prefix(60)): \($0.note ?? "")" } == [])
    let empty = try Self.objects(connection)
    try server.psql(CatalogMuseum.sql, database: name)
    let made = statements.reduce(into: Set<String>()) { made, statement in
      made.formUnion(Self.named(statement, .create))
    }
    let partitions = try connection.rows(
      "SELECT nspname || '.' || relname FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace WHERE relispartition OR c.oid IN (SELECT inhrelid FROM pg_inherits)"
    )
    .compactMap { $0.first?.text }
    let missing = try Self.objects(connection).subtracting(empty).subtracting(made).filter { object in
      // What the extensions and DO blocks make, and what a partition gets from its parent, is named by no statement.
      !partitions.contains { object.contains("\($0)/") } && !object.hasPrefix("large_object")
        && !object.hasPrefix("acl ")
    }
    #expect(missing.sorted() == [])
    connection.close()
    try server.dropDatabase(name)
  }
}
