import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// Statements that would reach the server, or the target itself, from a rehearsal in a copy.
@Suite struct BeyondDatabaseTests {
  static let schema = """
    CREATE TABLE t(a int); CREATE SCHEMA s; CREATE EXTENSION postgres_fdw; CREATE EXTENSION dblink;
    CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw; CREATE FOREIGN TABLE s.distant(a int) SERVER far;
    """

  /// By rule: all are errors but `reaches-out`. The last rule is none.
  static let cases: [(rule: String, scripts: [String])] = [
    (
      "server-wide",
      [
        "CREATE ROLE r", "CREATE USER r", "DROP ROLE IF EXISTS r", "ALTER ROLE r NOLOGIN", "ALTER USER r PASSWORD NULL",
        "ALTER ROLE r SET work_mem = '1MB'", "ALTER ROLE ALL RESET ALL", "ALTER ROLE r RENAME TO q",
        "ALTER GROUP g ADD USER r", "COMMENT ON ROLE r IS 'x'", "SECURITY LABEL ON ROLE r IS 'x'", "GRANT g TO r",
        "REVOKE g FROM r", "REASSIGN OWNED BY r TO q", "DROP OWNED BY r", "CREATE TABLESPACE x LOCATION '/x'",
        "DROP TABLESPACE x", "ALTER TABLESPACE x SET (random_page_cost = 1)", "ALTER TABLESPACE x RENAME TO y",
        "ALTER TABLESPACE x OWNER TO r", "GRANT CREATE ON TABLESPACE x TO r", "COMMENT ON TABLESPACE x IS 'x'",
        "GRANT g TO r WITH INHERIT FALSE, SET FALSE", "REVOKE INHERIT OPTION FOR g FROM r",
        "GRANT g, \"on\" TO r WITH ADMIN TRUE, INHERIT TRUE", "ALTER ROLE r WITH NEWER OPTION",
        "CREATE USER r NEWER WORDS HERE NOW", "COMMENT ON ROLE r IS NEWER",
        "GRANT NEWER WORD ON PARAMETER work_mem TO r",
        "GRANT SET ON PARAMETER work_mem TO r", "ALTER SYSTEM SET work_mem = '1MB'", "CREATE DATABASE x",
        "DROP DATABASE x", "SELECT pg_create_logical_replication_slot('x', 'pgoutput')",
        "SELECT pg_catalog.pg_drop_replication_slot('x')",
      ]
    ),
    (
      "names-database",
      [
        "ALTER DATABASE app SET work_mem = '1MB'", "ALTER DATABASE app RESET ALL",
        "ALTER DATABASE app CONNECTION LIMIT 5", "ALTER DATABASE app OWNER TO r", "ALTER DATABASE app RENAME TO b",
        "ALTER DATABASE app SET TABLESPACE x", "ALTER DATABASE app REFRESH COLLATION VERSION",
        "ALTER ROLE r IN DATABASE app SET work_mem = '1MB'", "COMMENT ON DATABASE app IS 'x'",
        "SECURITY LABEL ON DATABASE app IS 'x'", "GRANT CONNECT ON DATABASE app TO r",
        "REVOKE ALL ON DATABASE app FROM PUBLIC",
      ]
    ),
    (
      "subscription",
      [
        "CREATE SUBSCRIPTION u CONNECTION '' PUBLICATION p",
        "CREATE SUBSCRIPTION u CONNECTION '' PUBLICATION p WITH (create_slot = false)", "ALTER SUBSCRIPTION u ENABLE",
        "ALTER SUBSCRIPTION u REFRESH PUBLICATION", "ALTER SUBSCRIPTION u SET PUBLICATION p", "DROP SUBSCRIPTION u",
        "ALTER SUBSCRIPTION u SET (slot_name = x); DROP SUBSCRIPTION u",
        "ALTER SUBSCRIPTION u SET (slot_name = NONE); DROP SUBSCRIPTION v",
      ]
    ),
    (
      "reaches-out",
      [
        "INSERT INTO s.distant VALUES (1)", "UPDATE s.distant SET a = 1 WHERE a = 2", "TRUNCATE s.distant, t",
        "WITH d AS (DELETE FROM s.distant WHERE a = 1 RETURNING a) SELECT 1 FROM d", "COPY s.distant FROM '/x'",
        "SELECT dblink_exec('x', 'DELETE FROM t')", "SELECT lo_export(1, '/x')", "SELECT pg_terminate_backend(1)",
        "COPY t TO '/tmp/x'", "COPY t FROM PROGRAM 'cat x'",
      ]
    ),
    (
      "",
      [
        "CREATE SUBSCRIPTION u CONNECTION '' PUBLICATION p WITH (connect = false)", "ALTER SUBSCRIPTION u DISABLE",
        "ALTER SUBSCRIPTION u SET PUBLICATION p WITH (refresh = false)",
        "ALTER SUBSCRIPTION u SET (slot_name = NONE); DROP SUBSCRIPTION u", "SELECT * FROM s.distant",
        "INSERT INTO t SELECT a FROM s.distant", "COPY t FROM '/tmp/x'",
        "CREATE VIEW v AS SELECT pg_terminate_backend(1)", "GRANT SELECT ON t TO PUBLIC",
        "GRANT USAGE ON SCHEMA s TO PUBLIC", "COMMENT ON TABLE t IS 'x'", "ALTER TABLE t OWNER TO postgres",
        "ALTER DEFAULT PRIVILEGES FOR ROLE postgres GRANT SELECT ON TABLES TO PUBLIC", "SET ROLE postgres",
        "GRANT NEWER WORD ON TABLE t TO r", "CREATE USER MAPPING FOR r NEWER WORDS HERE",
        "CREATE TABLE role (a int) NEWER WORDS", "ALTER TABLE t ADD CONSTRAINT c CHECK (a > 0) NOT ENFORCED",
        "CREATE PUBLICATION p FOR TABLE t", "NOTIFY x", "CREATE USER MAPPING FOR PUBLIC SERVER far",
      ]
    ),
  ]

  private static let sample = Result { try Sample(schema) }

  private func findings(_ script: String) throws -> [LintFinding] {
    let connection = try Self.sample.get().connect()
    defer { connection.close() }
    return try #require(try connection.lint(script, operation: Operation()))
  }

  @Test func `an effect outside the database is an error, or a warning if belay cannot be sure`() throws {
    for (rule, scripts) in Self.cases {
      for script in scripts {
        let found = try findings(script)
        #expect(found.map(\.rule) == (rule.isEmpty ? [] : [rule]), "\(script)")
        for finding in found {
          #expect(finding.severity == (rule == "reaches-out" ? .warning : .error), "\(script)")
          #expect((finding.hint == nil) == (rule == "reaches-out"), "\(script)")
        }
      }
    }
  }

  @Test(arguments: [
    ("ALTER DATABASE app SET work_mem = '1MB'", "SET work_mem = ''1MB''"),
    ("COMMENT ON DATABASE app IS 'x'", "IS ''x''"),
    ("REVOKE TEMPORARY ON DATABASE app FROM PUBLIC", "FROM PUBLIC"),
    ("ALTER ROLE postgres IN DATABASE app SET work_mem = '1MB'", "SET work_mem = ''1MB''"),
    ("ALTER DATABASE app CONNECTION LIMIT 90", "CONNECTION LIMIT 90"),
  ])
  func `the hint does it to the database that it runs in, whatever its name`(
    _ statement: String, _ rest: String
  ) throws {
    let hint = try #require(try findings(statement).first?.hint)
    // What the hint leaves out is what the author knows.
    let typed = hint.replacing("REVOKE …", with: "REVOKE TEMPORARY").replacing("ROLE …", with: "ROLE postgres")
      .replacing("…", with: rest)
    let sample = try Sample()
    let connection = try sample.connect()
    defer { connection.close() }
    try connection.run(typed)
    #expect(try findings(typed).isEmpty)
  }
}
