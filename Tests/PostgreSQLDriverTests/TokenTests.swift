import BelayDrivers
import DriverTesting
import Foundation
import Synchronization
import Testing

@Suite struct TokenTests {
  @Test func `an adopted view is the acquired one, and its text the same whatever the roles have set`() throws {
    let sample = try Sample("CREATE TABLE t AS SELECT '2024-01-01 00:00+00'::timestamptz AS a")
    let (first, second) = (try sample.connect(), try sample.connect())
    try second.run("SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German'")
    let token = try #require(try first.acquireToken(operation: BelayDrivers.Operation()))
    try second.adopt(token: token, operation: BelayDrivers.Operation())
    try sample.psql("INSERT INTO t VALUES (now())")
    #expect(try first.rows("TABLE t") == [[.native("2024-01-01 00:00:00+00")]])
    #expect(try second.rows("TABLE t") == first.rows("TABLE t"))
    // A query that fails, or is stopped, does not end the view.
    #expect(throws: DriverError.self) { try second.rows("TABLE nowhere") }
    #expect(throws: DriverError.self) {
      try second.values("SELECT pg_sleep(60)", operation: BelayDrivers.Operation(timeout: .milliseconds(100)))
    }
    #expect(try second.rows("TABLE t").count == 1)
    #expect(try failure { try second.run("INSERT INTO t VALUES (now())") }.code == .denied)
    try second.releaseToken(operation: BelayDrivers.Operation())
    #expect(try second.rows("TABLE t").count == 2)
    try second.run("CREATE TABLE zone AS SELECT current_setting('TimeZone') AS z")
    #expect(try second.first("TABLE zone") == .text("Asia/Tokyo"))
    try first.releaseToken(operation: BelayDrivers.Operation())
    #expect(try first.describe().isReadOnly == false)
  }

  static let bad = ["", "no such token", "00000003-0000001B-1", "'; DROP TABLE t; --", "../../x"]

  @Test(arguments: bad)
  func `a token of nobody is refused, and the connection is good`(_ token: String) throws {
    let sample = try Sample()
    let connection = try sample.connect()
    let error = try failure { try connection.adopt(token: token, operation: BelayDrivers.Operation()) }
    #expect([.invalid, .notFound].contains(error.code), "\(error)")
    try connection.run("CREATE TABLE t(a int)")
    #expect(try connection.acquireToken(operation: BelayDrivers.Operation()) != nil)
  }

  @Test func `no token within a transaction, and none to release without one`() throws {
    let sample = try Sample()
    let connection = try sample.connect()
    try connection.run("BEGIN")
    #expect(try failure { _ = try connection.acquireToken(operation: BelayDrivers.Operation()) }.code == .invalid)
    try connection.run("COMMIT")
    #expect(try failure { try connection.releaseToken(operation: BelayDrivers.Operation()) }.code == .invalid)
  }

  @Test func `a view waits for its locks as long as it may, and then says who holds them`() throws {
    let sample = try Sample("CREATE TABLE t(a int)")
    let patient = try sample.connect(["lock_timeout_ms": "6000"])
    // Until it is ended.
    after(0) { _ = try? sample.psql("BEGIN; LOCK t; SELECT pg_sleep(600)") }
    try eventually { try sample.psql("SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass") == "1" }
    let error = try failure {
      _ = try sample.connect(["lock_timeout_ms": "20"]).acquireToken(operation: BelayDrivers.Operation())
    }
    #expect(error.code == .busy && error.message.contains("holds public.t"), "\(error)")
    after(0) {
      try eventually {
        try sample.psql("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 't'::regclass") == "1"
      }
      try sample.psql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event = 'PgSleep'"
      )
    }
    #expect(try patient.acquireToken(operation: BelayDrivers.Operation()) != nil)
    #expect(try patient.rows("TABLE t") == [])
  }

  @Test func `who wants a table for himself waits, and neither reader nor dump waits behind him`() throws {
    let sample = try Sample(
      "CREATE TABLE t AS SELECT 1 AS a; CREATE TABLE u AS SELECT 2 AS b; CREATE VIEW v AS SELECT a FROM t")
    let (source, second) = (try sample.connect(), try sample.connect())
    let token = try #require(try source.acquireToken(operation: BelayDrivers.Operation()))
    after(0) { try sample.psql("TRUNCATE t") }
    try eventually {
      try sample.psql("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 't'::regclass") == "1"
    }
    try second.adopt(token: token, operation: BelayDrivers.Operation())
    let began = ContinuousClock.now
    #expect(try source.catalog(operation: BelayDrivers.Operation()).tables.count == 2)
    #expect(try source.rows("TABLE t") == [[.integer(1)]])
    #expect(try second.rows("SELECT a FROM v") == [[.integer(1)]])
    let text = try second.rendered(try second.dumped(token: token))
    #expect(text.contains("\n1\n\\.") && text.contains("\n2\n\\."))
    // After pg_dump has been at work in the session, too.
    #expect(try source.rows("TABLE t") == [[.integer(1)]])
    // He goes on waiting until they are through.
    #expect(ContinuousClock.now - began < soon)
    try second.releaseToken(operation: BelayDrivers.Operation())
    try source.releaseToken(operation: BelayDrivers.Operation())
    try eventually { try sample.psql("SELECT count(*) FROM t") == "0" }
  }

  @Test func `one session holds a lock on each table, and a reader none for longer than it reads`() throws {
    let sample = try Sample(
      "DO $$BEGIN FOR i IN 1..300 LOOP EXECUTE format('CREATE TABLE t%s AS SELECT 1 AS a', i); END LOOP; END$$")
    let source = try sample.connect()
    _ = try source.acquireToken(operation: BelayDrivers.Operation())
    for table in try source.catalog(operation: BelayDrivers.Operation()).tables {
      try source.read(table, operation: BelayDrivers.Operation()) { _ in }
    }
    let held = try sample.psql(
      """
      SELECT count(*), count(DISTINCT pid) FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
      WHERE c.relname ~ '^t[0-9]+$' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      """)
    #expect(held == "300|1")
  }

  @Test func `while one table cannot be had, nobody waits for the others`() throws {
    let sample = try Sample("CREATE TABLE a (i int); CREATE TABLE b (i int)")
    let other = try sample.connect()
    try other.run("BEGIN; LOCK b")
    let isThere = Mutex(false)
    after(0) {
      // It goes on trying for a minute.
      let source = try sample.connect(["lock_timeout_ms": "6000"])
      _ = try source.acquireToken(operation: BelayDrivers.Operation())
      isThere.withLock { $0 = true }
    }
    for _ in 0..<5 {
      try sample.psql("SET lock_timeout = '5s'; TRUNCATE a")
      Thread.sleep(forTimeInterval: 0.1)
    }
    #expect(!isThere.withLock { $0 })
    try other.run("COMMIT")
    try eventually { isThere.withLock { $0 } }
  }

  @Test func `sequences stand where they stood at the view's beginning, and a dump takes no earlier value`() throws {
    let sample = try Sample(
      """
      CREATE SEQUENCE up; CREATE SEQUENCE down INCREMENT -1; CREATE SEQUENCE round MAXVALUE 3 CYCLE; CREATE SEQUENCE new;
      SELECT nextval('up'), nextval('down'), nextval('round')
      """)
    let source = try sample.connect()
    let token = try #require(try source.acquireToken(operation: BelayDrivers.Operation()))
    try sample.psql("SELECT nextval('up'), nextval('down'), nextval('round'), nextval('new')")
    let table = try #require(
      try source.catalog(operation: BelayDrivers.Operation()).tables.first { $0.name == "pg_sequences" })
    var rows: [[Value]] = []
    try source.read(table, operation: BelayDrivers.Operation()) { rows += $0.values }
    #expect(
      rows.map { row in row.dropFirst().map { $0.text ?? $0.integer.map(String.init) ?? "NULL" }.joined(separator: " ")
      }
      .sorted() == ["down -1 -1", "new NULL 1", "round 1 0", "up 1 1"])
    let text = try source.rendered(try source.dumped(token: token))
    #expect(text.contains("setval('public.up', 2, true)") && text.contains("setval('public.down', -2, true)"))
  }
}
