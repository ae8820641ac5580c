import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// What one statement changes in the catalog: "~" for another definition, "+" and "-" for objects that came and went.
struct CatalogChange: Sendable, CustomTestStringConvertible {
  let sql: String
  let expected: [String]
  var testDescription: String { sql }

  init(_ sql: String, _ expected: String...) {
    self.sql = sql
    self.expected = expected
  }

  /// Told by what the objects are, not by what they say.
  static func between(_ before: Catalog, _ after: Catalog) -> [String] {
    func keyed(_ catalog: Catalog) -> [String: String] {
      Dictionary(
        catalog.objects.map { object in
          let place = [object.schema, object.parent, object.name].filter { !$0.isEmpty }.joined(separator: ".")
          let detail = "\(object.nativeType) \(object.flags.rawValue) \(object.definition)"
          return ("\(object.kind) \(place)", detail)
        }, uniquingKeysWith: { first, _ in "twice: \(first)" })
    }
    let (old, new) = (keyed(before), keyed(after))
    let changed = old.keys.filter { new[$0] != nil && new[$0] != old[$0] }.map { "~ \($0)" }
    let gone = old.keys.filter { new[$0] == nil }.map { "- \($0)" }
    let come = new.keys.filter { old[$0] == nil }.map { "+ \($0)" }
    return (changed + gone + come).sorted()
  }
}

/// One after the other: the cases change one database, and would wait for each other's locks.
@Suite(.serialized) struct CatalogChangeTests {
  private static let museum = Result { try CatalogRecreationTests.database("changing", CatalogMuseum.sql) }
  private static let before = Result { try CatalogRecreationTests.catalog(museum.get()) }

  static let changes: [CatalogChange] = [
    // Columns.
    CatalogChange("ALTER TABLE app.robot ADD extra int", "+ column app.robot.extra", "+ column app.robodog.extra"),
    CatalogChange(
      "ALTER TABLE app.circle RENAME v TO w", "+ column app.circle.w", "- column app.circle.v",
      "+ default app.circle.w", "- default app.circle.v"),
    CatalogChange("ALTER TABLE app.codes ALTER k TYPE varchar(40)", "~ column app.codes.k"),
    CatalogChange("ALTER TABLE app.bookings ALTER room SET NOT NULL", "~ column app.bookings.room"),
    CatalogChange("ALTER TABLE app.users ALTER name DROP NOT NULL", "~ column app.users.name"),
    CatalogChange("ALTER TABLE app.users ALTER name SET STORAGE MAIN", "~ column app.users.name"),
    CatalogChange("ALTER TABLE app.users ALTER name SET STATISTICS 9", "~ column app.users.name"),
    CatalogChange("ALTER TABLE app.users ALTER data SET COMPRESSION default", "~ column app.users.data"),
    CatalogChange("ALTER TABLE app.users ALTER age RESET (n_distinct)", "~ column app.users.age"),
    CatalogChange("ALTER TABLE app.users ALTER id SET GENERATED ALWAYS", "~ column app.users.id"),
    CatalogChange("ALTER TABLE app.users ALTER id SET INCREMENT 4", "~ sequence app.users.users_id_seq"),
    CatalogChange(
      "ALTER TABLE app.users ALTER id DROP IDENTITY", "~ column app.users.id", "- sequence app.users.users_id_seq"),
    CatalogChange("ALTER TABLE app.users ALTER doubled DROP EXPRESSION", "~ column app.users.doubled"),
    CatalogChange("COMMENT ON COLUMN app.users.id IS 'number'", "~ column app.users.id"),
    CatalogChange(
      "GRANT UPDATE (id) ON app.users TO museum_reader", "~ column app.users.id", "+ grant app.users.museum_reader (id)"
    ),
    CatalogChange("ALTER FOREIGN TABLE app.remote ALTER id OPTIONS (SET column_name 'x')", "~ column app.remote.id"),
    CatalogChange("COMMENT ON COLUMN app.adults.id IS 'number'", "~ view_column app.adults.id"),
    // Defaults and constraints.
    CatalogChange("ALTER TABLE app.users ALTER name SET DEFAULT 'x'", "+ default app.users.name"),
    CatalogChange("ALTER TABLE app.users ALTER big SET DEFAULT 1", "~ default app.users.big"),
    CatalogChange("ALTER TABLE app.users ALTER big DROP DEFAULT", "- default app.users.big"),
    CatalogChange("ALTER TABLE app.robot ADD CONSTRAINT c CHECK (true)", "+ constraint app.robot.c"),
    CatalogChange("ALTER TABLE app.users VALIDATE CONSTRAINT never", "~ constraint app.users.never"),
    CatalogChange(
      "ALTER TABLE app.bookings ALTER CONSTRAINT of_user NOT DEFERRABLE", "~ constraint app.bookings.of_user"),
    CatalogChange("COMMENT ON CONSTRAINT once ON app.bookings IS 'x'", "~ constraint app.bookings.once"),
    CatalogChange("ALTER INDEX app.users_pkey SET (fillfactor = 60)", "~ constraint app.users.users_pkey"),
    CatalogChange("COMMENT ON INDEX app.users_pkey IS 'other'", "~ constraint app.users.users_pkey"),
    CatalogChange("ALTER TABLE app.users SET WITHOUT CLUSTER", "~ constraint app.users.users_pkey"),
    CatalogChange("ALTER DOMAIN app.email VALIDATE CONSTRAINT late", "~ constraint app.email.late"),
    CatalogChange("ALTER DOMAIN app.positive SET DEFAULT 3", "~ type app.positive"),
    // Tables.
    CatalogChange("CREATE TABLE app.t (a int)", "+ table app.t", "+ column app.t.a"),
    CatalogChange("DROP TABLE app.nothing", "- table app.nothing"),
    CatalogChange("ALTER TABLE app.nothing OWNER TO museum_owner", "~ table app.nothing"),
    CatalogChange("GRANT SELECT ON app.nothing TO PUBLIC", "~ table app.nothing", "+ grant app.nothing.public"),
    CatalogChange("COMMENT ON TABLE app.nothing IS 'empty'", "~ table app.nothing"),
    CatalogChange("ALTER TABLE app.robot SET (fillfactor = 20)", "~ table app.robot"),
    CatalogChange("ALTER TABLE app.users SET (toast.autovacuum_enabled = on)", "~ table app.users"),
    CatalogChange("ALTER TABLE app.robot SET UNLOGGED", "~ table app.robot"),
    CatalogChange("ALTER TABLE app.robot REPLICA IDENTITY FULL", "~ table app.robot"),
    CatalogChange("ALTER TABLE app.robot ENABLE ROW LEVEL SECURITY", "~ table app.robot"),
    CatalogChange("ALTER TABLE app.users NO FORCE ROW LEVEL SECURITY", "~ table app.users"),
    CatalogChange("ALTER TABLE app.robodog NO INHERIT app.robot", "~ table app.robodog"),
    CatalogChange("ALTER TABLE app.hashed DETACH PARTITION app.hashed_0", "~ table app.hashed_0"),
    CatalogChange("ALTER TABLE app.typed NOT OF", "~ table app.typed"),
    CatalogChange("ALTER FOREIGN TABLE app.remote OPTIONS (SET table_name 'x')", "~ table app.remote"),
    // What stands on tables.
    CatalogChange("CREATE INDEX fresh ON app.users (big)", "+ index app.users.fresh"),
    CatalogChange("ALTER INDEX app.users_gin SET (fastupdate = on)", "~ index app.users.users_gin"),
    CatalogChange("COMMENT ON INDEX app.users_lower IS 'x'", "~ index app.users.users_lower"),
    CatalogChange("ALTER INDEX app.users_lower ALTER COLUMN 1 SET STATISTICS 5", "~ index app.users.users_lower"),
    CatalogChange("ALTER TABLE app.users DISABLE TRIGGER before_it", "~ trigger app.users.before_it"),
    CatalogChange("ALTER TABLE app.events_2020 ENABLE TRIGGER every", "- trigger app.events_2020.every"),
    CatalogChange("ALTER TABLE app.fast ENABLE RULE quietly", "~ rule app.fast.quietly"),
    CatalogChange("ALTER POLICY own ON app.users TO PUBLIC", "~ policy app.users.own"),
    CatalogChange("ALTER STATISTICS app.users_stats SET STATISTICS 3", "~ statistics app.users.users_stats"),
    // Sequences and views.
    CatalogChange("ALTER SEQUENCE app.counter MAXVALUE 500", "~ sequence app.counter"),
    CatalogChange("SELECT setval('app.counter', 300)"),
    CatalogChange(
      "GRANT SELECT ON SEQUENCE app.counter TO PUBLIC", "~ sequence app.counter", "+ grant app.counter.public"),
    CatalogChange("CREATE OR REPLACE VIEW app.numbers AS SELECT 1 AS n", "~ view app.numbers"),
    CatalogChange("ALTER VIEW app.adults RESET (security_barrier)", "~ view app.adults"),
    CatalogChange("REFRESH MATERIALIZED VIEW app.unfilled", "~ materialized_view app.unfilled"),
    CatalogChange("ALTER MATERIALIZED VIEW app.a_totals SET (fillfactor = 40)", "~ materialized_view app.a_totals"),
    // Functions, types, schemas.
    CatalogChange(
      "CREATE OR REPLACE FUNCTION app.near(int, int) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true'",
      "~ function app.near(integer, integer)"),
    CatalogChange("ALTER FUNCTION app.near(int, int) SECURITY DEFINER", "~ function app.near(integer, integer)"),
    CatalogChange(
      "REVOKE EXECUTE ON FUNCTION app.near(int, int) FROM PUBLIC", "~ function app.near(integer, integer)"),
    CatalogChange("ALTER PROCEDURE app.p OWNER TO museum_owner", "~ procedure app.p(integer, app.mood)"),
    CatalogChange("COMMENT ON AGGREGATE app.total(int) IS 'x'", "~ aggregate app.total(integer)"),
    CatalogChange("ALTER TYPE app.mood ADD VALUE 'new'", "~ type app.mood"),
    CatalogChange("ALTER TYPE app.point3 OWNER TO museum_reader", "~ type app.point3"),
    CatalogChange("ALTER SCHEMA app OWNER TO museum_reader", "~ schema app"),
    CatalogChange("GRANT CREATE ON SCHEMA public TO PUBLIC", "~ schema public"),
    CatalogChange(
      "ALTER EXTENSION hstore SET SCHEMA app", "~ extension hstore", "~ column app.users.tags",
      "- acl public.FUNCTION public.hstore(text, text)", "+ acl app.FUNCTION app.hstore(text, text)"),
    CatalogChange("DROP COLLATION app.posix", "- collation app.posix"),
    CatalogChange(
      "ALTER TEXT SEARCH DICTIONARY app.simple_de (ACCEPT = 'true')", "~ text_search_dictionary app.simple_de"),
    CatalogChange(
      "ALTER TEXT SEARCH CONFIGURATION app.german DROP MAPPING FOR word", "~ text_search_configuration app.german"),
    CatalogChange("ALTER OPERATOR app.~~~ (int, int) SET (RESTRICT = NONE)", "~ operator app.~~~(integer, integer)"),
    // The whole database, and what is outside.
    CatalogChange("ALTER SERVER elsewhere OPTIONS (SET host 'there')", "~ foreign_server elsewhere"),
    CatalogChange(
      "ALTER USER MAPPING FOR museum_reader SERVER elsewhere OPTIONS (ADD password 'secret')",
      "~ user_mapping elsewhere.museum_reader"),
    CatalogChange("ALTER PUBLICATION parts DROP TABLE app.codes", "~ publication parts"),
    CatalogChange("ALTER EVENT TRIGGER sleeping ENABLE", "~ event_trigger sleeping"),
    CatalogChange("COMMENT ON LARGE OBJECT 4242 IS 'x'", "~ large_object 4242"),
    CatalogChange(
      "ALTER DEFAULT PRIVILEGES FOR ROLE museum_owner IN SCHEMA app GRANT INSERT ON TABLES TO museum_reader",
      "~ default_acl app.TABLES of museum_owner"),
    CatalogChange("ALTER DATABASE :db SET work_mem TO '8MB'", "~ setting work_mem"),
    CatalogChange("ALTER ROLE museum_reader IN DATABASE :db SET jit TO off", "+ setting museum_reader.jit"),
    CatalogChange("ALTER DATABASE :db CONNECTION LIMIT 40", "~ database database"),
    CatalogChange("COMMENT ON DATABASE :db IS 'x'", "~ database database"),
    CatalogChange(
      "CREATE ROLE museum_guest; GRANT USAGE ON SCHEMA app TO museum_guest", "~ schema app", "+ role museum_guest"),
    CatalogChange("CREATE TEMPORARY TABLE passing (a int)"),
    CatalogChange("INSERT INTO app.codes VALUES ('x')"),
    // As servers do by themselves since November 2026, at each change of a column.
    CatalogChange(
      """
      SET LOCAL allow_system_table_mods = on;
      UPDATE pg_attribute SET attoptions = array_prepend('pg_attver=4711', attoptions)
        WHERE attrelid IN ('app.users'::regclass, 'app.codes'::regclass) AND attnum > 0
      """),
  ]

  @Test(arguments: changes)
  func `a change is seen, before it is committed, as a change of one thing`(_ change: CatalogChange) throws {
    let name = try Self.museum.get()
    let before = try Self.before.get()
    let connection = try BuiltDriver.open(name)
    defer { connection.close() }
    try connection.execute("BEGIN", operation: Operation())
    let sql = change.sql.replacingOccurrences(of: ":db", with: "\"\(name)\"")
    try connection.execute(sql, operation: Operation())
    let after = try connection.catalog(operation: Operation())
    #expect(CatalogChange.between(before, after) == change.expected.sorted())
    // A change that is rolled back leaves nothing for the next case to find.
    try connection.execute("ROLLBACK", operation: Operation())
  }
}
