import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// Dumps put back: into an empty database, and over one that holds something.
@Suite struct RestoreTests {
  private let server: PostgreSQLServer
  init() throws { server = try PostgreSQLServer.shared() }

  private func role(_ options: String = "") throws -> String {
    let role = PostgreSQLServer.freshName("role")
    try server.psql("CREATE ROLE \(role) \(options)")
    return role
  }

  @Test func `a rich database is restored into an empty one, equal, with its statistics`() throws {
    let source = try Sample(RichDatabase.sql(role: try role()))
    let target = try Sample()
    let connection = try target.connect()
    defer { connection.close() }
    let from = try source.connect()
    defer { from.close() }
    try connection.restore(try from.dumped())
    #expect(try server.dump(target.name) == server.dump(source.name))
    #expect(try target.psql("SELECT reltuples FROM pg_class WHERE oid = 'app.users'::regclass") == "500")
    #expect(try target.psql("SELECT last_value, is_called FROM counter") == "10|t")
  }

  @Test func `after a migration of every kind, restoring in place brings back exactly what was`() throws {
    let sample = try Sample(RichDatabase.sql(role: try role()))
    let connection = try sample.connect()
    defer { connection.close() }
    let (bytes, before) = (try connection.dumped(), try server.dump(sample.name))
    try sample.psql(RichDatabase.migration)
    #expect(try server.dump(sample.name) != before)
    try connection.restore(bytes)
    #expect(try server.dump(sample.name) == before)
    // Once more, over what it has restored itself.
    try connection.restore(bytes)
    #expect(try server.dump(sample.name) == before)
  }

  @Test func `a restore that fails in its middle changes nothing`() throws {
    let role = try role()
    let source = try Sample(
      "CREATE TABLE t AS SELECT 1 AS a; CREATE TABLE u (a integer); GRANT SELECT ON u TO \"\(role)\"; ALTER TABLE t OWNER TO \"\(role)\""
    )
    let from = try source.connect()
    let bytes = try from.dumped()
    from.close()
    try source.psql("DROP OWNED BY \"\(role)\"; DROP ROLE \"\(role)\"")
    let filled = try Sample("CREATE TABLE old AS SELECT 7 AS a; CREATE SCHEMA s; CREATE TYPE s.e AS ENUM ('x')")
    for sample in [filled, try Sample()] {
      let before = try server.dump(sample.name)
      let connection = try sample.connect()
      defer { connection.close() }
      let error = try failure { try connection.restore(bytes) }
      #expect(error.outcome == .notApplied)
      #expect(error.code == .notFound)
      #expect(error.message.contains("role \(role)"), "\(error)")
      #expect(error.hint?.contains("CREATE ROLE \"\(role)\"") ?? false)
      #expect(try server.dump(sample.name) == before)
      #expect(try connection.first("SELECT 1") == .integer(1))
    }
  }

  @Test func `a dump that is damaged or cut short changes nothing`() throws {
    let source = try Sample("CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 20000) i")
    let from = try source.connect()
    let bytes = try from.dumped()
    from.close()
    var flipped = bytes
    flipped[bytes.count - 3000] ^= 4
    let broken = [[], Array(bytes.prefix(bytes.count / 2)), bytes.dropLast(), flipped]
    for sql in ["", "CREATE TABLE old AS SELECT 7 AS a"] {
      let sample = try Sample(sql)
      let before = try server.dump(sample.name)
      let connection = try sample.connect()
      defer { connection.close() }
      for bytes in broken {
        let error = try failure { try connection.restore(bytes) }
        #expect(error.outcome == .notApplied)
        #expect(try server.dump(sample.name) == before)
      }
    }
  }

  @Test func `a lock of another session makes it give up, names the session, and changes nothing`() throws {
    let sample = try Sample("CREATE TABLE t AS SELECT 1 AS a")
    let connection = try sample.connect(["lock_timeout_ms": "200"])
    let other = try sample.connect()
    defer { connection.close(); other.close() }
    let bytes = try connection.dumped()
    try sample.psql("ALTER TABLE t ADD b integer")
    let before = try server.dump(sample.name)
    try other.run("BEGIN; SELECT * FROM t")
    let error = try failure { try connection.restore(bytes) }
    #expect(error.code == .busy)
    #expect(error.outcome == .notApplied)
    #expect(error.message.contains("session \(try other.process())"), "\(error)")
    try other.run("ROLLBACK")
    #expect(try server.dump(sample.name) == before)
    try connection.restore(bytes)
    #expect(try sample.psql("SELECT * FROM t") == "1")
  }

  @Test func `a session that is ended while it restores leaves what was there`() throws {
    let sample = try Sample(
      "CREATE TABLE t AS SELECT i, repeat(md5(i::text), 20) AS f FROM generate_series(1, 100000) i")
    let connection = try sample.connect()
    defer { connection.close() }
    let bytes = try connection.dumped()
    try sample.psql("DELETE FROM t; CREATE TABLE added (a integer)")
    let before = try server.dump(sample.name)
    let name = sample.name
    after(0) {
      // Looked for by the server itself, again and again: the moment is short.
      try PostgreSQLServer.shared().psql(
        """
        DO $$BEGIN
          FOR i IN 1..20000 LOOP
            PERFORM pg_stat_clear_snapshot();
            PERFORM pg_terminate_backend(pid) FROM pg_stat_activity
              WHERE datname = '\(name)' AND application_name LIKE 'belay %' AND query LIKE 'COPY%';
            EXIT WHEN FOUND;
            PERFORM pg_sleep(0.005);
          END LOOP;
        END$$
        """)
    }
    try eventually {
      try sample.psql(
        "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE 'DO $$BEGIN%\(name)%'") == "1"
    }
    let error = try failure { try connection.restore(bytes) }
    #expect(error.outcome == .notApplied, "\(error)")
    #expect(try server.dump(sample.name) == before)
  }

  @Test(arguments: ["", "CREATE TABLE added (a integer)"])
  func `a restore that is cancelled stops soon, leaves what was there, and no session`(_ content: String) throws {
    let source = try Sample(
      """
      CREATE TABLE t AS SELECT i FROM generate_series(1, 10) i;
      CREATE FUNCTION slow(a integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN a; END $$;
      CREATE INDEX slow ON t (slow(i));
      CREATE OR REPLACE FUNCTION slow(a integer) RETURNS integer IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_catalog.pg_sleep(60); RETURN a; END $$;
      """)
    let from = try source.connect()
    let bytes = try from.dumped()
    from.close()
    let sample = try Sample(content)
    let before = try server.dump(sample.name)
    let connection = try sample.connect()
    defer { connection.close() }
    let cancellation = Cancellation()
    let name = sample.name
    after(0) {
      let server = try PostgreSQLServer.shared()
      try eventually {
        try server.psql(
          "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(name)' AND query LIKE 'CREATE INDEX%'") != "0"
      }
      cancellation.cancel()
    }
    let start = ContinuousClock.now
    let error = try failure { try connection.restore(bytes, operation: .init(cancellation: cancellation)) }
    #expect(error.code == .cancelled)
    #expect(error.outcome == .notApplied, "\(error)")
    // Ten rows of a minute each.
    #expect(ContinuousClock.now - start < .seconds(300))
    #expect(
      try server.psql(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(name)' AND application_name LIKE 'belay %'") == "0")
    #expect(try server.dump(sample.name) == before)
  }

  @Test
  func `a role that makes no databases restores what it owns, in place, and keeps an extension that is not its own`()
    throws
  {
    let role = try role("LOGIN")
    let name = PostgreSQLServer.freshName()
    try server.psql("CREATE DATABASE \(name) OWNER \(role)")
    // Not a trusted extension: this role could not install it again.
    try server.psql(
      "CREATE SCHEMA tools; CREATE EXTENSION pageinspect SCHEMA tools; CREATE EXTENSION hstore", database: name)
    defer { try? server.dropDatabase(name) }
    try server.psql(
      """
      CREATE TABLE t (a integer PRIMARY KEY, h hstore); INSERT INTO t VALUES (1, 'a=>1'); CREATE SCHEMA own;
      CREATE SEQUENCE own.s; CREATE FUNCTION own.f() RETURNS integer LANGUAGE sql AS 'SELECT 1'
      """, database: name, user: role)
    let connection = try BuiltDriver.open(name, user: role)
    defer { connection.close() }
    let (bytes, before) = (try connection.dumped(), try server.dump(name))
    try server.psql(
      "CREATE TABLE u (a integer REFERENCES t); CREATE SCHEMA more; CREATE TABLE more.m (h hstore); DROP FUNCTION own.f()",
      database: name, user: role)
    try connection.restore(bytes)
    #expect(try server.dump(name) == before)
    let scratch = try failure { _ = try connection.createScratch(name: "x", operation: .init()) }
    #expect(scratch.code == .denied)
    #expect(scratch.hint?.contains("CREATEDB") ?? false)
    #expect(!connection.hasScratch)
    // What belongs to somebody else cannot be replaced, and is named.
    try server.psql("CREATE SCHEMA theirs; CREATE TABLE theirs.t (a integer)", database: name)
    let error = try failure { try connection.restore(bytes) }
    #expect(error.code == .denied)
    #expect(error.outcome == .notApplied)
    #expect(error.message.contains("theirs"))
  }

  @Test
  func `a database without schema public, a transaction, a read-only connection and a subscription are distinguished`()
    throws
  {
    let sample = try Sample("CREATE TABLE t AS SELECT 1 AS a")
    let connection = try sample.connect()
    defer { connection.close() }
    let bytes = try connection.dumped()
    try connection.run("BEGIN")
    #expect(try failure { try connection.restore(bytes) }.code == .invalid)
    try connection.run("ROLLBACK")
    let reader = try sample.connect(["read_only": "1"])
    defer { reader.close() }
    #expect(try failure { try reader.restore(bytes) }.code == .denied)
    try sample.psql("DROP SCHEMA public CASCADE")
    try connection.restore(bytes)
    #expect(try sample.psql("SELECT * FROM t") == "1")
    try sample.psql("CREATE SUBSCRIPTION sub CONNECTION 'dbname=x' PUBLICATION p WITH (connect = false)")
    let error = try failure { try connection.restore(bytes) }
    #expect(error.code == .unsupported)
    #expect(error.message.contains("sub"))
    try sample.psql("ALTER SUBSCRIPTION sub SET (slot_name = NONE); DROP SUBSCRIPTION sub")
  }

  @Test func `everything that the server lacks is named at once`() throws {
    let (role, space) = (PostgreSQLServer.freshName("role"), PostgreSQLServer.freshName("space"))
    try server.psql("CREATE ROLE \(role)")
    try server.psql("SET allow_in_place_tablespaces = on; CREATE TABLESPACE \(space) LOCATION ''")
    let source = try Sample(
      """
      CREATE EXTENSION hstore; UPDATE pg_extension SET extname = 'nowhere' WHERE extname = 'hstore';
      CREATE TABLE t (a integer) TABLESPACE \(space); GRANT SELECT ON t TO \(role);
      """)
    let from = try source.connect()
    let bytes = try from.dumped()
    from.close()
    try source.psql("DROP TABLE t; DROP TABLESPACE \(space); DROP ROLE \(role)")
    for sql in ["", "CREATE TABLE old (a integer)"] {
      let sample = try Sample(sql)
      let connection = try sample.connect()
      defer { connection.close() }
      let error = try failure { try connection.restore(bytes) }
      #expect(error.code == .notFound && error.outcome == .notApplied)
      for name in [role, space, "nowhere"] {
        #expect(error.message.contains(name) && error.hint?.contains(name) ?? false, "\(error) \(error.hint ?? "")")
      }
      #expect(try sample.psql("SELECT count(*) FROM pg_class WHERE relname = 't'") == "0")
    }
  }

  /// At the COMMIT the server's process ends: before it has committed, or after.
  @Test(arguments: [
    ("SELECT pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid()); COMMIT;", false),
    ("COMMIT; SELECT pg_catalog.pg_terminate_backend(pg_catalog.pg_backend_pid());", true),
  ])
  func `whether a COMMIT whose answer was lost took effect is found out`(_ commit: String, _ tookEffect: Bool) throws {
    let sample = try Sample("CREATE TABLE t AS SELECT 1 AS a")
    let folder = try TemporaryFolder()
    for program in ["pg_dump", "pg_restore"] {
      try FileManager.default.createSymbolicLink(
        atPath: folder(program), withDestinationPath: "\(server.programs)/\(program)")
    }
    try folder.file(
      "psql", "#!/bin/sh\nsed -u 's/^COMMIT;$/\(commit)/' | '\(server.programs)/psql' \"$@\"\n", mode: 0o755)
    let connection = try sample.connect(["tools_dir": folder.path])
    defer { connection.close() }
    let bytes = try connection.dumped()
    try sample.psql("ALTER TABLE t ADD b integer")
    if tookEffect {
      try connection.restore(bytes)
    } else {
      #expect(try failure { try connection.restore(bytes) }.outcome == .notApplied)
    }
    #expect(
      try sample.psql("SELECT count(*) FROM pg_attribute WHERE attrelid = 't'::regclass AND attnum > 0")
        == (tookEffect ? "1" : "2"))
  }

  @Test func `secrets of the database's own objects are in no error`() throws {
    let source = try Sample(
      """
      CREATE FOREIGN DATA WRAPPER dummy; CREATE SERVER far FOREIGN DATA WRAPPER dummy;
      """)
    let role = try role()
    try source.psql("CREATE USER MAPPING FOR \"\(role)\" SERVER far OPTIONS (password 'mapped-secret')")
    let from = try source.connect()
    let bytes = try from.dumped()
    from.close()
    try source.psql("DROP USER MAPPING FOR \"\(role)\" SERVER far; DROP ROLE \"\(role)\"")
    for sql in ["", "CREATE TABLE old (a integer)"] {
      let sample = try Sample(sql)
      let connection = try sample.connect()
      let error = try failure { try connection.restore(bytes) }
      #expect(!"\(error) \(error.hint ?? "")".contains("mapped-secret"))
      #expect(error.message.contains(role), "\(error) in \(sample.name)")
      connection.close()
    }
  }
}
