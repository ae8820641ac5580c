import BelayDrivers
import DriverTesting
import Foundation
import Testing

@Suite struct ExecutionTests {
  /// What is run, what of it is left when its last statement has failed, and how many rows that is.
  static let failing: [(String, DriverError.Code, DriverError.Outcome, Int64)] = [
    ("SELEC 1", .sql, .notApplied, 0),
    ("INSERT INTO t VALUES (1), (1)", .constraint, .notApplied, 0),
    ("INSERT INTO t VALUES (5); INSERT INTO nowhere VALUES (1)", .sql, .partial, 1),
    ("BEGIN; INSERT INTO t VALUES (5); ROLLBACK; SELEC", .sql, .notApplied, 0),
    ("BEGIN; INSERT INTO t VALUES (5); COMMIT; SELEC", .sql, .partial, 1),
    ("BEGIN; INSERT INTO t VALUES (5); SELEC", .sql, .notApplied, 0),
    ("SET search_path = public; SELECT 1; SELECT 1/0", .sql, .notApplied, 0),
    ("CREATE TABLE u(a int); CREATE TABLE u(a int)", .sql, .partial, 0),
    ("INSERT INTO deferred VALUES (1), (1)", .constraint, .notApplied, 0),
    ("VACUUM nowhere", .sql, .notApplied, 0),
    ("COPY t FROM STDIN", .unsupported, .notApplied, 0),
    ("CREATE UNIQUE INDEX CONCURRENTLY ON twice(a)", .constraint, .partial, 0),
    ("CALL halfway()", .sql, .partial, 1),
  ]

  private static let tables = """
    CREATE TABLE t(a int UNIQUE); CREATE TABLE twice AS SELECT 1 AS a FROM generate_series(1, 2);
    CREATE TABLE deferred(a int UNIQUE DEFERRABLE INITIALLY DEFERRED);
    CREATE PROCEDURE halfway() LANGUAGE plpgsql AS $$BEGIN INSERT INTO t VALUES (1); COMMIT; PERFORM 1/0; END$$;
    """

  @Test(arguments: failing)
  func `a failure says what it has left behind`(
    _ sql: String, _ code: DriverError.Code, _ outcome: DriverError.Outcome, _ rows: Int64
  ) throws {
    let sample = try Sample(Self.tables)
    let connection = try sample.connect()
    let error = try failure { try connection.run(sql) }
    #expect(error.code == code, "\(error)")
    #expect(error.outcome == outcome, "\(error)")
    #expect(try sample.psql("SELECT count(*) FROM t") == "\(rows)")
    try connection.run("ROLLBACK")
    #expect(try connection.first("SELECT 1") == .integer(1), "the connection is good")
  }

  @Test(arguments: failing.map(\.0))
  func `within a transaction a failed call leaves it as it was, and usable`(_ sql: String) throws {
    // Those that divide it are the caller's own business.
    if sql.contains("BEGIN") { return }
    let sample = try Sample(Self.tables)
    let connection = try sample.connect()
    try connection.run("BEGIN")
    try connection.run("INSERT INTO t VALUES (100)")
    if sql.contains("deferred") {
      try connection.run(sql)
      #expect(try failure { try connection.run("COMMIT") }.outcome == .notApplied)
      #expect(try sample.psql("SELECT count(*) FROM t") == "0")
      return
    }
    #expect(try failure { try connection.run(sql) }.outcome == .notApplied)
    #expect(try connection.rows("TABLE t") == [[.integer(100)]])
    try connection.run("INSERT INTO t VALUES (101)")
    try connection.run("COMMIT")
    #expect(try sample.psql("SELECT count(*) FROM t") == "2")
  }

  @Test func `an error stands at its byte in the whole text, with the server's detail and hint`() throws {
    let sample = try Sample("CREATE TABLE t(a int PRIMARY KEY, name text)")
    let connection = try sample.connect()
    let sql = "INSERT INTO t VALUES (1); /* ☃ */ SELECT '☃', nome FROM t"
    let error = try failure { try connection.run(sql) }
    #expect(error.sqlState == "42703")
    let expected = try #require(sql.range(of: "nome")).lowerBound
    #expect(error.sqlOffset == sql.utf8.distance(from: sql.startIndex, to: expected))
    #expect(error.message == "column \"nome\" does not exist")
    #expect(error.hint?.contains("t.name") == true, "\(error.hint ?? "")")
    let twice = try failure { try connection.run("INSERT INTO t VALUES (1)") }
    #expect(twice.hint == "Key (a)=(1) already exists")
    let query = try failure { _ = try connection.rows("  /* ☃ */ SELECT nome FROM t") }
    #expect(query.sqlOffset == "  /* ☃ */ SELECT ".utf8.count)
    let raised = try failure {
      try connection.run("DO $$BEGIN RAISE EXCEPTION 'no' USING HINT = 'do so', DETAIL = 'thus'; END$$")
    }
    #expect(raised.message == "no")
    #expect(raised.hint?.contains("thus do so") == true, "\(raised.hint ?? "")")
    #expect(raised.hint?.contains("PL/pgSQL function inline_code_block line 1") == true)
  }

  @Test func `statements that refuse transactions run, alone and among others`() throws {
    let sample = try Sample("CREATE TABLE t(a int)")
    let connection = try sample.connect()
    try connection.run("CREATE INDEX CONCURRENTLY ON t(a)")
    try connection.run("INSERT INTO t VALUES (1); VACUUM t; REINDEX TABLE CONCURRENTLY t; INSERT INTO t VALUES (2)")
    let refused = try failure { try connection.run("BEGIN; CREATE INDEX CONCURRENTLY ON t(a)") }
    #expect(refused.sqlState == "25001")
    try connection.run("ROLLBACK")
    #expect(try connection.rows("TABLE t").count == 2)
  }

  @Test func `bodies of functions with semicolons are one statement`() throws {
    let sample = try Sample("CREATE TABLE t(a int)")
    let connection = try sample.connect()
    try connection.run(
      """
      CREATE FUNCTION f() RETURNS int LANGUAGE plpgsql AS $x$ BEGIN PERFORM 1; RETURN 2; END $x$;
      CREATE PROCEDURE p() BEGIN ATOMIC INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); END;
      CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2);
      CALL p(); -- and so on;
      """)
    #expect(try connection.rows("TABLE t").count == 2)
    #expect(try connection.first("SELECT f()") == .integer(2))
  }

  @Test func `BEGIN opens a body only before ATOMIC`() throws {
    let sample = try Sample()
    let connection = try sample.connect()
    // Taken for one statement, they would be sent in one transaction, which VACUUM refuses.
    try connection.run("CREATE FUNCTION begin() RETURNS int LANGUAGE sql AS 'SELECT 1'; VACUUM")
    #expect(try connection.first("SELECT begin()") == .integer(1))
  }

  @Test func `a backslash escapes in plain quotes where the session says so`() throws {
    let sample = try Sample("CREATE TABLE t(a text)")
    let connection = try sample.connect()
    let script = #"INSERT INTO t VALUES ('it\'s; x'); VACUUM t"#
    #expect(throws: DriverError.self) { try connection.run(script) }
    try connection.run("SET standard_conforming_strings = off; SET escape_string_warning = off")
    try connection.run(script)
    #expect(try connection.rows("TABLE t") == [[.text("it's; x")]])
  }

  @Test func `the rows that changed are counted`() throws {
    let sample = try Sample("CREATE TABLE t(a int)")
    let connection = try sample.connect()
    #expect(try connection.run("INSERT INTO t SELECT generate_series(1, 5)") == 5)
    #expect(try connection.run("SELECT 1; UPDATE t SET a = a + 1 WHERE a > 3") == 2)
    #expect(try connection.run("DROP TABLE t") == nil)
    #expect(try connection.run("") == 0)
  }

  @Test func `COMMIT of a transaction that has failed is a failure`() throws {
    let sample = try Sample("CREATE TABLE t(a int)")
    let connection = try sample.connect()
    try connection.run("BEGIN")
    try connection.run("INSERT INTO t VALUES (1)")
    // Beside the savepoints of whole calls.
    #expect(throws: DriverError.self) { try connection.run("SAVEPOINT mine; SELEC") }
    let error = try failure { try connection.run("COMMIT") }
    #expect(error.code == .sql)
    #expect(error.outcome == .notApplied)
    #expect(try connection.rows("TABLE t") == [])
  }

  @Test(arguments: [true, false])
  func `rows are all put in, or none`(_ areLoaded: Bool) throws {
    let sample = try Sample("CREATE TABLE t(a int UNIQUE)")
    let connection = try sample.connect()
    let table = CatalogTable("t", columns: ["a"])
    func put(_ rows: [[Value]]) throws -> Int? {
      if areLoaded {
        try connection.load(rows, into: table, operation: Operation())
        return rows.count
      }
      return try connection.execute(table.insertStatement(connection.traits), rows: rows, operation: Operation())
    }
    #expect(try put([[.integer(1)], [.integer(2)]]) == 2)
    for inTransaction in [false, true] {
      if inTransaction { try connection.run("BEGIN") }
      let error = try failure {
        _ = try put((3..<2000).map { [.integer($0)] } + [[.integer(1)], [.integer(2001)]])
      }
      #expect(error.code == .constraint)
      #expect(error.outcome == .notApplied)
      #expect(try connection.first("SELECT count(*) FROM t") == .integer(2))
      if inTransaction { try connection.run("COMMIT") }
    }
    #expect(try put((3..<2000).map { [.integer($0)] }) == 1997)
    #expect(try connection.first("SELECT count(*) FROM t") == .integer(1999))
  }

  @Test func `rows go through views, policies, identity columns, and into what no table holds`() throws {
    let sample = try Sample(
      """
      CREATE TABLE t(a int, b int GENERATED ALWAYS AS IDENTITY); CREATE VIEW v AS SELECT a FROM t; CREATE SEQUENCE "S 1";
      CREATE SEQUENCE untouched START 7; SELECT nextval('untouched');
      """)
    let connection = try sample.connect()
    func put(_ table: CatalogTable, _ rows: [Value]...) throws {
      try connection.load(rows, into: table, operation: Operation())
    }
    try put(CatalogTable("t", schema: "public", columns: ["a", "b"]), [.integer(1), .integer(50)])
    try put(CatalogTable("v", schema: "public", columns: ["a"]), [.integer(2)])
    #expect(try connection.rows("SELECT * FROM t") == [[.integer(1), .integer(50)], [.integer(2), .integer(1)]])
    // Here COPY is refused.
    try connection.run("ALTER TABLE t ENABLE ROW LEVEL SECURITY")
    try put(CatalogTable("t", schema: "public", columns: ["b", "a"]), [.integer(60), .integer(3)])
    #expect(try connection.rows("SELECT b FROM t WHERE a = 3") == [[.integer(60)]])
    let sequences = CatalogTable(
      "pg_sequences", schema: "pg_catalog", columns: ["schemaname", "sequencename", "last_value"])
    try put(
      sequences, [.text("public"), .text("S 1"), .integer(41)], [.text("public"), .text("untouched"), .null])
    // What draws from a sequence is no query.
    try connection.run(#"CREATE TABLE drawn AS SELECT nextval('"S 1"') AS a, nextval('untouched') AS b"#)
    #expect(try connection.rows("SELECT a, b FROM drawn") == [[.integer(42), .integer(7)]])
    let objects = CatalogTable("pg_largeobject", schema: "pg_catalog", columns: ["loid", "pageno", "data"])
    let pages: [[Value]] = [
      [.integer(4711), .integer(1), .blob([4])],
      [.integer(4711), .integer(0), .blob([UInt8](repeating: 3, count: 2048))],
    ]
    try connection.load(pages, into: objects, operation: Operation())
    #expect(
      try connection.rows("SELECT loid, pageno, data FROM pg_largeobject ORDER BY pageno DESC") == pages)
  }

  @Test func `notices and warnings reach the log, with their hints`() throws {
    let sample = try Sample()
    let connection = try sample.connect()
    let log = LogLines()
    try connection.run(
      """
      DROP TABLE IF EXISTS nowhere;
      DO $$BEGIN RAISE WARNING 'careful' USING HINT = 'look'; RAISE INFO 'told'; RAISE DEBUG 'quiet'; END$$
      """, log.operation)
    #expect(
      log.all == [
        "notice: table \"nowhere\" does not exist, skipping",
        "warning: careful (in PL/pgSQL function inline_code_block line 1 at RAISE look)",
        "info: told (in PL/pgSQL function inline_code_block line 1 at RAISE)",
      ], "\(log.all)")
  }

  @Test func `a lock that another holds is waited for a little, and the transaction goes on`() throws {
    let sample = try Sample("CREATE TABLE t(a int)")
    let (holder, connection) = (try sample.connect(), try sample.connect(["lock_timeout_ms": "200"]))
    try holder.run("BEGIN; LOCK TABLE t")
    try connection.run("BEGIN")
    try connection.run("CREATE TABLE u(a int)")
    let began = ContinuousClock.now
    let error = try failure { try connection.run("INSERT INTO u VALUES (1); ALTER TABLE t ADD b int") }
    #expect(error.code == .busy)
    #expect(error.sqlState == "55P03")
    #expect(error.outcome == .notApplied)
    // The holder never lets go.
    #expect(ContinuousClock.now - began < soon)
    #expect(try connection.first("SELECT count(*) FROM u") == .integer(0))
    try holder.run("COMMIT")
    try connection.run("ALTER TABLE t ADD b int")
    try connection.run("COMMIT")
    #expect(try connection.rows("SELECT b FROM t") == [])
  }

  @Test func `a deadlock is somebody else's lock too`() throws {
    let sample = try Sample("CREATE TABLE t(a int); CREATE TABLE u(a int)")
    let connection = try sample.connect(["lock_timeout_ms": "0"])
    try connection.run("SET deadlock_timeout = '100ms'; BEGIN")
    try connection.run("LOCK t")
    after(0) {
      // Looks for a deadlock later, so the other one is the victim.
      try sample.psql("SET deadlock_timeout = '10min'; BEGIN; LOCK u; LOCK t; COMMIT")
    }
    try eventually {
      try sample.psql("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 't'::regclass") == "1"
    }
    let error = try failure { try connection.run("LOCK u") }
    #expect(error.code == .busy)
    #expect(error.sqlState == "40P01")
    #expect(error.outcome == .notApplied)
    try connection.run("INSERT INTO t VALUES (1)")
    try connection.run("COMMIT")
    #expect(try sample.psql("SELECT count(*) FROM t") == "1")
  }

  @Test func `a call that is cancelled, or out of time, ends soon and leaves the connection good`() throws {
    let sample = try Sample("CREATE TABLE t(a int)")
    let connection = try sample.connect()
    for inTransaction in [false, true] {
      try connection.run(inTransaction ? "BEGIN" : "SELECT 1")
      for sql in ["SELECT pg_sleep(60)", "INSERT INTO t SELECT 1 FROM pg_sleep(60)"] {
        let late = try failure { try connection.run(sql, Operation(timeout: .milliseconds(150))) }
        #expect(late.code == .timeout)
        let cancellation = Cancellation()
        after(0.2) { cancellation.cancel() }
        let began = ContinuousClock.now
        let stopped = try failure { try connection.run(sql, Operation(cancellation: cancellation)) }
        #expect(stopped.code == .cancelled)
        #expect(stopped.outcome == .notApplied)
        // The statement itself takes a minute.
        #expect(ContinuousClock.now - began < soon)
        #expect(try connection.first("SELECT count(*) FROM t") == .integer(0))
      }
    }
    try connection.run("COMMIT")
  }

  @Test func `a statement's own timeout is a timeout, and a cancellation by somebody else is reported`() throws {
    let sample = try Sample()
    let connection = try sample.connect()
    #expect(try failure { try connection.run("SET statement_timeout = 50; SELECT pg_sleep(60)") }.code == .timeout)
    try connection.run("RESET statement_timeout")
    let process = try connection.process()
    after(0) {
      try eventually {
        try sample.psql(
          "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE pid = \(process) AND wait_event = 'PgSleep'")
          == "t"
      }
    }
    let error = try failure { try connection.run("SELECT pg_sleep(60)") }
    #expect(error.sqlState == "57014")
    #expect(error.message.contains("user request"))
  }

  /// What runs when the session is ended from outside, and what is known afterwards.
  static let cut: [(begin: String, sql: String, DriverError.Outcome)] = [
    ("", "INSERT INTO t SELECT 1 FROM pg_sleep(60)", .unknown),
    ("BEGIN", "INSERT INTO t SELECT 1 FROM pg_sleep(60)", .notApplied),
    ("BEGIN; INSERT INTO slow VALUES (1)", "COMMIT", .unknown),
    ("", "INSERT INTO t VALUES (2); SELECT pg_sleep(60)", .unknown),
  ]

  @Test(arguments: cut)
  func `a connection that is cut says what can be known`(
    _ begin: String, _ sql: String, _ outcome: DriverError.Outcome
  ) throws {
    let sample = try Sample(
      """
      CREATE TABLE t(a int); CREATE TABLE slow(a int);
      CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN PERFORM pg_sleep(60); RETURN NULL; END$$;
      CREATE CONSTRAINT TRIGGER late AFTER INSERT ON slow DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait();
      """)
    let connection = try sample.connect()
    let process = try connection.process()
    if !begin.isEmpty { try connection.run(begin) }
    sample.end(process)
    let began = ContinuousClock.now
    let error = try failure { try connection.run(sql) }
    #expect(ContinuousClock.now - began < soon)
    #expect(error.code == .io)
    #expect(error.outcome == outcome, "\(error)")
    #expect(error.message.contains("terminating connection due to administrator command"), "\(error.message)")
    let again = try failure { try connection.run("SELECT 1") }
    #expect(again.code == .io)
    #expect(again.outcome == .notApplied)
    #expect(try failure { _ = try connection.rows("SELECT 1") }.code == .io)
  }
}
