import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// Dumps: made, checked, read as text.
@Suite struct SnapshotTests {
  private let server: PostgreSQLServer
  init() throws { server = try PostgreSQLServer.shared() }

  private func role() throws -> String {
    let role = PostgreSQLServer.freshName("role")
    try server.psql("CREATE ROLE \(role)")
    return role
  }

  @Test func `the format is stored as it is, and pg_restore lists it`() throws {
    let name = try server.makeDatabase("dump_" + PostgreSQLServer.freshName(), "CREATE TABLE t AS SELECT 1 AS a")
    let connection = try BuiltDriver.open(name)
    defer { connection.close() }
    #expect(connection.formats() == [DumpFormat("pg_custom", fileExtension: "dump", isStored: true)])
    let folder = try TemporaryFolder()
    try Data(try connection.dumped()).write(to: URL(fileURLWithPath: folder("full_backup.dump")))
    #expect(try server.run("pg_restore", ["--list", folder("full_backup.dump")]).contains("TABLE DATA public t"))
  }

  @Test func `a dump with a token holds that instant and nothing later`() throws {
    let name = try server.makeDatabase(PostgreSQLServer.freshName(), "CREATE TABLE t AS SELECT 1 AS a")
    let connection = try BuiltDriver.open(name)
    defer { connection.close() }
    let token = try connection.acquireToken(operation: .init())
    try server.psql("INSERT INTO t VALUES (2)", database: name)
    let text = try connection.rendered(try connection.dumped(token: token))
    try connection.releaseToken(operation: .init())
    #expect(text.contains("\n1\n\\.") && !text.contains("\n2\n"))
  }

  @Test func `a rich database's text restores by psql to an equal one`() throws {
    let role = try role()
    let name = try server.makeDatabase(PostgreSQLServer.freshName(), RichDatabase.sql(role: role))
    let connection = try BuiltDriver.open(name)
    defer { connection.close() }
    let bytes = try connection.dumped()
    try connection.verify(bytes)
    let copy = try server.makeDatabase()
    try server.psql(try connection.rendered(bytes), database: copy)
    #expect(try server.dump(copy) == server.dump(name))
  }

  static let encodings = ["UTF8", "LATIN1", "SQL_ASCII"]

  @Test(arguments: encodings)
  func `a dump is what pg_dump makes in a session of its own`(_ encoding: String) throws {
    let name = PostgreSQLServer.freshName()
    try server.psql("CREATE DATABASE \(name) TEMPLATE template0 ENCODING '\(encoding)' LOCALE 'C'")
    defer { try? server.dropDatabase(name) }
    try server.psql(
      """
      SET client_encoding = SQL_ASCII; SET client_min_messages = warning;
      CREATE TABLE t AS SELECT i, repeat(md5(i::text), 40) AS v FROM generate_series(1, 20000) i;
      CREATE TABLE bytes (v text);
      INSERT INTO bytes SELECT convert_from(b, getdatabaseencoding())
        FROM (VALUES (CASE getdatabaseencoding() WHEN 'UTF8' THEN '\\xc3a9'::bytea WHEN 'LATIN1' THEN '\\xe9' ELSE '\\xe9ff' END)) x (b);
      SELECT lo_from_bytea(i, decode(repeat('00ff10', i * 100), 'hex')) FROM generate_series(1, 200) i;
      SELECT lo_from_bytea(i, decode(repeat('17', n), 'hex')) FROM (VALUES (1000, 16383), (1001, 16384), (1002, 16385),
        (1003, 32768), (1004, 278528), (1005, 278529), (4000000000, 600000)) sized(i, n);
      SELECT lo_create(9999);
      DO $$BEGIN
        FOR i IN 1..200 LOOP
          IF i % 3 = 0 THEN EXECUTE format('ALTER LARGE OBJECT %s OWNER TO pg_database_owner', i); END IF;
          IF i % 5 = 0 THEN EXECUTE format('GRANT SELECT ON LARGE OBJECT %s TO PUBLIC', i); END IF;
        END LOOP;
      END$$;
      CREATE TABLE none (); CREATE SEQUENCE s; SELECT nextval('s'); COMMENT ON TABLE t IS 'it''s';
      """, database: name)
    let connection = try BuiltDriver.open(name)
    defer { connection.close() }
    let folder = try TemporaryFolder()
    try Data(try connection.dumped()).write(to: URL(fileURLWithPath: folder("ours")))
    try server.run("pg_dump", ["-Fc", "-f", folder("theirs"), "-d", server.url(name)])
    func text(_ file: String) throws -> [Substring] {
      try server.run("pg_restore", ["-f", folder(file + ".sql"), folder(file)])
      return String(decoding: try Data(contentsOf: URL(fileURLWithPath: folder(file + ".sql"))), as: Unicode.ASCII.self)
        .split(separator: "\n").filter { !$0.contains("restrict ") }
    }
    #expect(try text("ours") == text("theirs"))
    let table = try #require(try connection.catalog(operation: .init()).tables.first { $0.name == "bytes" })
    var texts: [String?] = []
    try connection.read(table, operation: .init()) { texts += $0.values.map { $0[0].text } }
    // What is no UTF-8 is repaired for this comparison, and in no archive.
    #expect(texts == [encoding == "SQL_ASCII" ? String(decoding: [0xe9, 0xff], as: UTF8.self) : "é"])
  }

  @Test func `large objects come from the server many at a time`() throws {
    let name = try server.makeDatabase(
      PostgreSQLServer.freshName(), "SELECT lo_from_bytea(77000000 + i, '\\xdead') FROM generate_series(1, 1000) i")
    defer { try? server.dropDatabase(name) }
    try server.psql("ALTER DATABASE \(name) SET log_statement = 'all'")
    let connection = try BuiltDriver.open(name)
    defer { connection.close() }
    _ = try connection.dumped()
    let log = try String(contentsOfFile: "\(server.folder)/log", encoding: .utf8)
    let asked = log.split(separator: "\n").filter { $0.lowercased().contains("parameters: $1 = '77000") }.count
    #expect((1...20).contains(asked), "the server was asked \(asked) times")
  }

  @Test func `damage anywhere is found`() throws {
    let name = try server.makeDatabase(
      PostgreSQLServer.freshName(), "CREATE TABLE t AS SELECT i, md5(i::text) FROM generate_series(1, 5000) i")
    let connection = try BuiltDriver.open(name)
    defer { connection.close() }
    let bytes = try connection.dumped()
    var flipped = bytes
    flipped[bytes.count - 5000] ^= 0x10
    let cases: [(String, [UInt8])] = [
      ("empty", []), ("no dump", Array("hello, this is no dump at all".utf8)),
      ("half", Array(bytes.prefix(bytes.count / 2))),
      ("last byte gone", bytes.dropLast()), ("head alone", Array(bytes.prefix(20))), ("a bit of a row's", flipped),
    ]
    for (what, broken) in cases {
      for read in [{ try connection.verify(broken) }, { _ = try connection.rendered(broken) }] as [() throws -> Void] {
        let error = #expect(throws: DriverError.self, "\(what)") { try read() }
        #expect(error?.code == .corrupt, "\(what): \(String(describing: error))")
      }
    }
  }

  @Test func `a dump whose session is ended is a failure, not a short dump`() throws {
    let name = try server.makeDatabase(
      PostgreSQLServer.freshName(),
      "CREATE TABLE t AS SELECT i, repeat(md5(i::text), 30) AS filler FROM generate_series(1, 200000) i")
    let connection = try BuiltDriver.open(name)
    defer { connection.close() }
    var wasEnded = false
    let error = #expect(throws: DriverError.self) {
      var received = 0
      try connection.dump("pg_custom", token: nil, operation: .init()) { bytes in
        received += bytes.count
        guard !wasEnded, received > 100_000 else { return }
        wasEnded = true
        try server.psql(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity
          WHERE datname = '\(name)' AND application_name LIKE 'belay %'
          """)
      }
    }
    #expect(wasEnded)
    #expect(error?.code == .io, "\(String(describing: error))")
    #expect(try connection.rows("SELECT 1") == [[.integer(1)]])
  }

  @Test func `a table that somebody has locked makes the dump give up, and says who`() throws {
    let name = try server.makeDatabase(PostgreSQLServer.freshName(), "CREATE TABLE t (a integer)")
    let connection = try BuiltDriver.open(name, options: ["lock_timeout_ms": "20"])
    let other = try BuiltDriver.open(name)
    defer { connection.close(); other.close() }
    _ = try other.execute("BEGIN; LOCK TABLE t", operation: .init())
    let error = #expect(throws: DriverError.self) { _ = try connection.dumped() }
    #expect(error?.code == .busy)
    #expect(error?.message.contains("public.t") ?? false, "\(String(describing: error))")
    _ = try other.execute("ROLLBACK", operation: .init())
    try connection.verify(try connection.dumped())
  }

  @Test func `a role that policies would show fewer rows gets no dump`() throws {
    let role = try role()
    let name = try server.makeDatabase(
      PostgreSQLServer.freshName(),
      """
      CREATE TABLE t AS SELECT 1 AS a; ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (false);
      GRANT SELECT ON t TO \(role); ALTER ROLE \(role) LOGIN
      """)
    let connection = try BuiltDriver.open(name, user: role)
    defer { connection.close() }
    let error = #expect(throws: DriverError.self) { _ = try connection.dumped() }
    #expect(error?.code == .denied)
    #expect(error?.message.contains("row-level security") ?? false)
  }

  @Test func `a dump that is cancelled stops soon, and leaves no session`() throws {
    let name = try server.makeDatabase(
      PostgreSQLServer.freshName(),
      "CREATE TABLE t AS SELECT 1 AS a")
    let connection = try BuiltDriver.open(name)
    let other = try BuiltDriver.open(name, options: ["lock_timeout_ms": "0"])
    defer { connection.close(); other.close() }
    _ = try other.execute("BEGIN; LOCK TABLE t", operation: .init())
    // For ten minutes.
    let patient = try BuiltDriver.open(name, options: ["lock_timeout_ms": "60000"])
    defer { patient.close() }
    let cancellation = Cancellation()
    Thread.detachNewThread {
      usleep(500_000)
      cancellation.cancel()
    }
    let start = ContinuousClock.now
    let error = #expect(throws: DriverError.self) {
      _ = try patient.dumped(operation: .init(cancellation: cancellation))
    }
    #expect(error?.code == .cancelled)
    #expect(ContinuousClock.now - start < soon)
    try eventually {
      try server.psql(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = '\(name)' AND application_name LIKE 'belay %'") == "0"
    }
  }
}
