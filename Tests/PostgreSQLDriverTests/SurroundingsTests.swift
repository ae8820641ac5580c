import BelayDrivers
import DriverTesting
import Testing

/// What all databases of a server share, as a migration may change it in a DO block.
@Suite(.serialized) struct SurroundingsTests {
  /// What is done, and the kinds that were written. NAME is a role of the case's own.
  static let reaching = [
    ("CREATE ROLE NAME_new", ["role"]), ("ALTER ROLE NAME NOLOGIN", ["role"]), ("DROP ROLE NAME", ["role"]),
    ("ALTER ROLE NAME PASSWORD 'secret'", ["role"]), ("ALTER ROLE NAME SET work_mem = '1MB'", ["setting"]),
    ("GRANT pg_monitor TO NAME", ["membership"]), ("COMMENT ON ROLE NAME IS 'x'", ["comment"]),
    ("ALTER DATABASE template1 SET work_mem = '1MB'", ["setting"]),
    ("ALTER DATABASE template1 CONNECTION LIMIT 7", ["database"]),
    ("COMMENT ON DATABASE template1 IS 'x'", ["comment"]),
    ("ALTER ROLE NAME IN DATABASE template1 SET work_mem = '1MB'", ["setting"]),
  ]

  /// What reaches no further than this database, or nowhere in the end.
  static let staying = [
    "CREATE TABLE t (a int)", "EXECUTE format('ALTER DATABASE %I SET work_mem = ''1MB''', current_database())",
    "EXECUTE format('ALTER DATABASE %I CONNECTION LIMIT 7', current_database())",
    "EXECUTE format('COMMENT ON DATABASE %I IS ''x''', current_database())",
    "EXECUTE format('GRANT CREATE ON DATABASE %I TO PUBLIC', current_database())",
    "EXECUTE format('ALTER ROLE postgres IN DATABASE %I SET work_mem = ''1MB''', current_database())",
    "CREATE ROLE NAME_new; DROP ROLE NAME_new",
    "BEGIN CREATE ROLE postgres; EXCEPTION WHEN duplicate_object THEN NULL; END",
    "BEGIN CREATE ROLE NAME_new; RAISE division_by_zero; EXCEPTION WHEN division_by_zero THEN NULL; END",
  ]

  private func changes(_ sql: String, user: String = "postgres") throws -> (kinds: Set<String>, names: [String]) {
    let sample = try Sample()
    let role = PostgreSQLServer.freshName("reach")
    try sample.psql("CREATE ROLE \(role) LOGIN")
    defer { _ = try? sample.psql("DROP ROLE IF EXISTS \(role)") }  // what stays goes with the server
    let connection = try sample.connect()
    defer { connection.close() }
    try connection.run(connection.traits.begin)
    let before = try #require(try connection.surroundings(operation: Operation()))
    #expect(before.allSatisfy { !$0.isWritten })
    try connection.run("DO $do$ BEGIN \(sql.replacing("NAME", with: role)); END $do$")
    let after = try #require(try connection.surroundings(operation: Operation()))
    try connection.run("ROLLBACK")
    let written = Set(after.filter(\.isWritten).map(\.kind))
    func named(_ all: [SharedObject]) -> Set<String> { Set(all.map { "\($0.kind) \($0.name) \($0.definition)" }) }
    // Only what the transaction has written: other tests make roles at the same time.
    let (was, now) = (before.filter { written.contains($0.kind) }, after.filter { written.contains($0.kind) })
    let differences = named(was).symmetricDifference(named(now)).filter {
      $0.contains(role) || $0.contains("template1")
    }
    return (written, differences.sorted())
  }

  @Test func `what a transaction does to what others share is seen before its COMMIT`() throws {
    for (sql, kinds) in Self.reaching {
      let found = try changes(sql)
      #expect(found.kinds.isSuperset(of: kinds), "\(sql): \(found)")
      #expect(!found.names.isEmpty, "\(sql)")
      #expect(!found.names.contains { $0.contains("secret") })
    }
  }

  @Test func `what it does to its own database, and what leaves nothing, is no such thing`() throws {
    for sql in Self.staying {
      let found = try changes(sql)
      #expect(found.names.isEmpty, "\(sql): \(found)")
    }
  }

  @Test func `others' doing is not taken for the transaction's own`() throws {
    let sample = try Sample()
    let role = PostgreSQLServer.freshName("reach")
    let connection = try sample.connect()
    defer { connection.close() }
    try connection.run(connection.traits.begin)
    _ = try connection.surroundings(operation: Operation())
    try sample.psql("CREATE ROLE \(role)")
    let after = try #require(try connection.surroundings(operation: Operation()))
    #expect(after.contains { $0.name == role && $0.kind == "role" && !$0.isWritten })
    try connection.run("ROLLBACK")
    try sample.psql("DROP ROLE \(role)")
  }

  @Test func `a role that may not see passwords sees the rest`() throws {
    let sample = try Sample()
    let role = PostgreSQLServer.freshName("reach")
    try sample.psql("CREATE ROLE \(role) LOGIN")
    let connection = try sample.connect(user: role)
    let found = try #require(try connection.surroundings(operation: Operation()))
    #expect(found.contains { $0.kind == "role" && $0.name == role })
    connection.close()
    try sample.psql("DROP ROLE \(role)")
  }
}
