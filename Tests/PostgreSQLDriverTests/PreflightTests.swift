import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// Serialized: roles, slots and connections are the server's, and not a database's own.
@Suite(.serialized) struct PreflightTests {
  static let all: PreflightNeeds = [.dump, .scratch, .write]

  /// Errors and warnings.
  private func serious(
    _ connection: Connection, _ needs: PreflightNeeds = all
  ) throws -> [PreflightFinding] {
    try #require(try connection.preflight(needs, operation: Operation())).filter { $0.severity != .note }
  }

  private func rules(_ findings: [PreflightFinding]) -> [String] {
    // A slot or a long transaction of another test's is no concern of this one.
    findings.map { "\($0.severity.rawValue) \($0.rule) \($0.subject)" }
  }

  @Test func `a database without problems has no findings`() throws {
    let sample = try Sample("CREATE TABLE t(a int); CREATE EXTENSION pgcrypto")
    let connection = try sample.connect()
    defer { connection.close() }
    #expect(rules(try serious(connection)) == [])
    let before = try sample.server.dump(sample.name)
    _ = try connection.preflight(Self.all, operation: Operation())
    #expect(try sample.server.dump(sample.name) == before)
  }

  @Test func `rights that are missing are named with what gives them`() throws {
    let role = PostgreSQLServer.freshName("weak")
    let sample = try Sample(
      """
      CREATE ROLE \(role) LOGIN; CREATE SCHEMA hidden; CREATE TABLE hidden.t(a int); CREATE TABLE "No" (a int);
      CREATE TABLE yes(a int); GRANT SELECT ON yes TO \(role); CREATE SEQUENCE seq;
      CREATE TABLE thin(a int); GRANT SELECT ON thin TO \(role); ALTER TABLE thin ENABLE ROW LEVEL SECURITY;
      """)
    let connection = try sample.connect(user: role)
    let found = try serious(connection)
    #expect(
      rules(found) == [
        "error unreadable hidden.t", "error unreadable public.\"No\"", "error unreadable public.seq",
        "error row-security public.thin", "warning no-createdb ", "warning foreign-owner hidden.t",
      ])
    #expect(found[0].hint == "GRANT USAGE ON SCHEMA hidden TO \(role)")
    #expect(found[1].hint == "GRANT SELECT ON ALL TABLES IN SCHEMA public TO \(role)")
    #expect(found[3].hint?.contains("BYPASSRLS") == true)
    #expect(found[4].hint == "ALTER ROLE \(role) CREATEDB")
    #expect(found[5].message.contains("postgres"))
    #expect(rules(try serious(connection, .write)) == ["warning foreign-owner hidden.t"])
    // Each hint typed by an administrator cures it.
    for finding in found where finding.severity == .error && finding.rule == "unreadable" {
      try sample.psql(try #require(finding.hint))
    }
    try sample.psql("GRANT SELECT ON ALL TABLES IN SCHEMA hidden TO \(role); ALTER ROLE \(role) CREATEDB BYPASSRLS")
    #expect(
      rules(try serious(connection)) == ["warning not-database-owner ", "warning foreign-owner hidden.t"])
    try sample.psql("ALTER DATABASE \(sample.name) OWNER TO \(role); GRANT postgres TO \(role)")
    #expect(rules(try serious(connection)) == [])
    connection.close()
    try sample.psql("ALTER DATABASE \(sample.name) OWNER TO postgres; DROP OWNED BY \(role); DROP ROLE \(role)")
  }

  @Test func `many tables of one rule are counted, and not all named`() throws {
    let role = PostgreSQLServer.freshName("weak")
    let sample = try Sample(
      "CREATE ROLE \(role) LOGIN; "
        + (10...40).map { "CREATE TABLE t\($0)(a int);" }.joined())
    let connection = try sample.connect(user: role)
    let found = try serious(connection, .dump)
    #expect(found.count == 11)
    #expect(found.last?.subject == "21 more")
    connection.close()
    try sample.psql("DROP ROLE \(role)")
  }

  @Test func `settings that would not let it write are errors`() throws {
    let role = PostgreSQLServer.freshName("odd")
    let sample = try Sample(
      """
      CREATE ROLE \(role) SUPERUSER LOGIN; ALTER ROLE \(role) SET default_transaction_read_only = on;
      ALTER ROLE \(role) SET session_replication_role = replica;
      """)
    let connection = try sample.connect(user: role)
    #expect(rules(try serious(connection)) == ["error default-read-only ", "error replication-role "])
    #expect(rules(try serious(connection, .dump)) == [])
    connection.close()
    try sample.psql("DROP ROLE \(role)")
  }

  @Test func `locks and transactions of others are reported`() throws {
    let sample = try Sample("CREATE TABLE t(a int); CREATE TABLE u(a int)")
    let other = try sample.connect()
    defer { other.close() }
    // The driver's own sessions are not others': psql's are.
    after(0) {
      _ = try? sample.psql("BEGIN; LOCK TABLE t IN SHARE MODE; SELECT pg_sleep(60)")
    }
    let connection = try sample.connect()
    defer { connection.close() }
    try eventually { try serious(connection).contains { $0.rule == "locked" } }
    try sample.psql("BEGIN; INSERT INTO u VALUES (1); PREPARE TRANSACTION '\(sample.name)'")
    let found = try #require(try connection.preflight(Self.all, operation: Operation()))
    let locked = found.first { $0.rule == "locked" }
    #expect(locked?.subject == "public.t")
    #expect(locked?.message.contains("ShareLock") == true)
    #expect(locked?.message.contains("psql") == true)
    let prepared = found.first { $0.rule == "prepared-transaction" }
    #expect(prepared?.subject == sample.name)
    #expect(prepared?.hint?.contains("ROLLBACK PREPARED '\(sample.name)'") == true)
    // Who is connected the host asks for itself.
    #expect(!found.contains { $0.rule == "sessions" })
    try sample.psql("ROLLBACK PREPARED '\(sample.name)'")
    try sample.psql(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
    )
    try eventually { try !serious(connection).contains { $0.rule == "locked" } }
  }

  @Test func `a slot that nobody reads, and what a swap would leave behind, are reported`() throws {
    let sample = try Sample("CREATE TABLE t(a int)")
    let slot = sample.name
    try sample.psql("SELECT pg_create_logical_replication_slot('\(slot)', 'pgoutput')")
    try sample.psql(
      "CREATE SUBSCRIPTION sub CONNECTION 'dbname=nowhere' PUBLICATION p WITH (connect = false, slot_name = NONE)")
    try sample.psql(
      "CREATE FUNCTION e() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER watch ON ddl_command_end EXECUTE FUNCTION e()"
    )
    let connection = try sample.connect()
    let found = try #require(try connection.preflight(Self.all, operation: Operation()))
    #expect(
      rules(found) == [
        "warning logical-slot \(slot)", "warning subscription sub", "note event-trigger watch",
        "warning inactive-slot \(slot)",
      ])
    connection.close()
    try sample.psql("DROP SUBSCRIPTION sub")
    try sample.psql("SELECT pg_drop_replication_slot('\(slot)')")
  }

  @Test func `too few connections are an error, a few a warning`() throws {
    let role = PostgreSQLServer.freshName("few")
    let sample = try Sample("CREATE ROLE \(role) LOGIN CREATEDB CONNECTION LIMIT 3")
    let connection = try sample.connect(user: role)
    #expect(rules(try serious(connection, .write)) == ["error connections "])
    try sample.psql("ALTER ROLE \(role) CONNECTION LIMIT 6")
    let found = try serious(connection, .write)
    #expect(rules(found) == ["warning connections "])
    #expect(found.first?.message.hasPrefix("5 connections are left for \(role)") == true)
    connection.close()
    try sample.psql("DROP ROLE \(role)")
  }

  @Test func `a failing archiver and an old extension are reported`() throws {
    let server = try PostgreSQLServer(
      programs: try PostgreSQLServer.shared().programs, settings: ["archive_mode = on", "archive_command = 'false'"])
    defer { withExtendedLifetime(server) {} }
    let name = try server.makeDatabase("app", "CREATE EXTENSION amcheck VERSION '1.2'; CREATE TABLE t(a int)")
    try server.psql("SELECT pg_switch_wal()")
    let connection = try BuiltDriver.postgresql.get().open(server.url(name), options: [], operation: Operation())
    defer { connection.close() }
    try eventually { try serious(connection).contains { $0.rule == "archiving" } }
    let found = try serious(connection)
    #expect(rules(found) == ["warning extension-version amcheck", "warning archiving "])
    #expect(found[1].message.contains("last success: never"))
    #expect(found[0].hint == "ALTER EXTENSION amcheck UPDATE")
  }
}
