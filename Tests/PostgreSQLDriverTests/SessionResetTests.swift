import BelayDrivers
import DriverTesting
import Testing

/// What a file sets for its session, and what is left of it afterwards.
@Suite struct SessionResetTests {
  /// What a file may do to its session.
  static let legacies = [
    "SET search_path = ''", "SELECT pg_catalog.set_config('search_path', 'nowhere', false)",
    "SET LOCAL search_path = pg_catalog", "SET ROLE reset_other", "SET SESSION AUTHORIZATION reset_other",
    "SET SESSION AUTHORIZATION reset_other; SET ROLE reset_third", "SELECT set_config('role', 'reset_other', false)",
    "SET row_security = off", "SET default_transaction_read_only = on",
    "SET default_transaction_isolation = serializable", "SET session_replication_role = replica",
    "SET statement_timeout = '1ms'; SET idle_in_transaction_session_timeout = '1min'", "SET lock_timeout = 0",
    "SET client_encoding = LATIN1", "SET standard_conforming_strings = off", "SET bytea_output = escape",
    "SET DateStyle = 'German'; SET TimeZone = 'Asia/Tokyo'", "SET check_function_bodies = off",
    "SET my.own = 'value'", "SET default_tablespace = pg_default; SET default_table_access_method = heap", "RESET ALL",
    "LISTEN channel", "PREPARE p AS SELECT 1", "DECLARE c CURSOR WITH HOLD FOR SELECT 1",
    "CREATE TEMP TABLE t AS SELECT 'shadow' AS a; CREATE TEMP VIEW v AS SELECT 1; CREATE TEMP SEQUENCE s",
    "CREATE FUNCTION pg_temp.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "SELECT nextval('numbers')",
    "SET CONSTRAINTS ALL DEFERRED", "SET CONSTRAINTS ALL IMMEDIATE",
  ]

  /// Only possible outside a transaction.
  static let outside = ["DISCARD ALL", "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY", "VACUUM"]

  static let schema = """
    CREATE TABLE t AS SELECT 'real' AS a; CREATE SEQUENCE numbers;
    DO $$ DECLARE name text; BEGIN FOREACH name IN ARRAY ARRAY['reset_other', 'reset_third'] LOOP
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN EXECUTE 'CREATE ROLE ' || name; END IF;
    END LOOP; END $$; GRANT reset_third TO reset_other;
    """

  /// Everything that a session has of its own, settings of the transaction itself left out.
  private static let state = [
    """
    SELECT string_agg(name || '=' || coalesce(setting, ''), ' ' ORDER BY name) FROM pg_catalog.pg_settings
    WHERE name NOT IN ('transaction_isolation', 'transaction_read_only', 'transaction_deferrable', 'seed')
    """,
    "SELECT pg_catalog.concat_ws(' ', session_user, current_user, coalesce(pg_catalog.current_setting('my.own', true), ''))",
    "SELECT count(*) FROM pg_catalog.pg_listening_channels()", "SELECT count(*) FROM pg_catalog.pg_prepared_statements",
    "SELECT count(*) FROM pg_catalog.pg_cursors WHERE is_holdable",
    "SELECT count(*) FROM pg_catalog.pg_class WHERE relnamespace = pg_catalog.pg_my_temp_schema()",
    "SELECT count(*) FROM pg_catalog.pg_proc WHERE pronamespace = pg_catalog.pg_my_temp_schema()", "SELECT a FROM t",
  ]

  private static let sample = Result { try Sample(schema) }

  private func states(_ connection: Connection) throws -> [String] {
    try Self.state.map { sql in "\(try connection.first(sql).text ?? "\(connection.first(sql))")" }
  }

  @Test(arguments: [false, true])
  func `what a file has set for its session ends with the file, within a transaction and outside`(
    inTransaction: Bool
  ) throws {
    for legacy in Self.legacies + (inTransaction ? [] : Self.outside) {
      let connection = try Self.sample.get().connect()
      defer { connection.close() }
      // One that has read before, and has been shaped for it.
      let fresh = try states(connection)
      if inTransaction { try connection.run(connection.traits.begin) }
      try connection.run(legacy)
      try connection.resetSession(operation: Operation())
      #expect(try states(connection) == fresh, "\(legacy)")
      if inTransaction { try connection.run(connection.traits.commit) }
      #expect(try states(connection) == fresh, "\(legacy), after COMMIT")
    }
  }

  @Test func `a transaction that begins as a reader by default writes all the same`() throws {
    let connection = try Self.sample.get().connect()
    defer { connection.close() }
    try connection.run("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")
    try connection.run("\(connection.traits.begin); CREATE TABLE written (a int); ROLLBACK")
    #expect(try failure { try connection.run("CREATE TABLE written (a int)") }.sqlState == "25006")
    let reader = try Self.sample.get().connect(["read_only": "1"])
    defer { reader.close() }
    try reader.run(reader.traits.begin)
    #expect(try failure { try reader.run("CREATE TABLE written (a int)") }.sqlState == "25006")
  }

  @Test func `deferred checks are made at the end of the file, and constraints are as they were`() throws {
    let sample = try Sample(
      """
      CREATE TABLE one (id int PRIMARY KEY);
      CREATE TABLE late (id int REFERENCES one DEFERRABLE INITIALLY DEFERRED);
      CREATE TABLE soon (id int REFERENCES one DEFERRABLE); CREATE TABLE now (id int REFERENCES one);
      """)
    let connection = try sample.connect()
    defer { connection.close() }
    for words in ["DEFERRED", "IMMEDIATE"] {
      try connection.run("BEGIN")
      try connection.run("SET CONSTRAINTS ALL \(words)")
      try connection.resetSession(operation: Operation())
      // As it is by default: one waits, the other does not.
      try connection.run("INSERT INTO late VALUES (7)")
      try connection.run("INSERT INTO one VALUES (7), (8)")
      #expect(try failure { try connection.run("INSERT INTO soon VALUES (9)") }.code == .constraint)
      try connection.run("ROLLBACK")
    }
    try connection.run("BEGIN; INSERT INTO late VALUES (1)")
    #expect(try failure { try connection.resetSession(operation: Operation()) }.code == .constraint)
    try connection.run("ROLLBACK")
  }

  @Test func `in a failed transaction there is nothing to go back to`() throws {
    let connection = try Self.sample.get().connect()
    defer { connection.close() }
    try connection.run("BEGIN")
    try failure { try connection.run("SAVEPOINT one; SELEC") }
    #expect(try failure { try connection.resetSession(operation: Operation()) }.sqlState == "25P02")
  }

  @Test func `the seam between two scripts ends what the first has set`() throws {
    let connection = try Self.sample.get().connect()
    defer { connection.close() }
    let seam = try connection.seam(operation: Operation())
    let script =
      "CREATE SCHEMA s; SET search_path = s; SET ROLE reset_other; CREATE TEMP TABLE t (a int); CREATE TABLE u (a int);\n"
    let statements = try connection.split(
      script + seam + ";\nDELETE FROM t; CREATE TABLE w (a int)", operation: Operation())
    #expect(statements.last?.writes.map { "\($0.schema).\($0.name)" } == ["public.w"])
    #expect(statements.dropLast().last?.writes.map { "\($0.schema).\($0.name)" } == ["public.t"])
  }

  // MARK: The ledger's place

  @Test(
    arguments: [
      ("", "public"), ("CREATE TABLE ledger (a int)", "public"),
      ("CREATE SCHEMA s; ALTER DATABASE :db SET search_path = s, public", "s"),
      ("CREATE SCHEMA s; CREATE TABLE ledger (a int); ALTER DATABASE :db SET search_path = s, public", "public"),
      ("ALTER DATABASE :db SET search_path = ''", "public"), ("ALTER DATABASE :db SET search_path = nowhere", "public"),
      ("CREATE SCHEMA s; CREATE TABLE s.ledger (a int); ALTER DATABASE :db SET search_path = ''", "s"),
      (
        "CREATE SCHEMA s; CREATE TABLE s.ledger (a int); CREATE TABLE ledger (a int); ALTER DATABASE :db SET search_path = ''",
        "public"
      ),
    ])
  func `the ledger is where its name finds it, else where it would be made`(_ sql: String, _ schema: String) throws {
    let sample = try Sample()
    try sample.psql(sql.replacing(":db", with: sample.name))
    let connection = try sample.connect()
    defer { connection.close() }
    #expect(try connection.place(of: "ledger", operation: Operation()) == schema)
  }

  @Test(
    arguments: [
      "CREATE SCHEMA s; CREATE TABLE s.ledger (a int)",
      "CREATE SCHEMA a; CREATE SCHEMA b; CREATE TABLE a.ledger (a int); CREATE TABLE b.ledger (a int); ALTER DATABASE :db SET search_path = ''",
    ])
  func `one that is hidden in another schema is not guessed at`(_ sql: String) throws {
    let sample = try Sample()
    try sample.psql(sql.replacing(":db", with: sample.name))
    let connection = try sample.connect()
    defer { connection.close() }
    let error = try failure { _ = try connection.place(of: "ledger", operation: Operation()) }
    #expect(error.code == .invalid && error.message.contains("ledger is in schema"))
    #expect(error.hint?.contains("search_path") == true)
  }
}
