import BelayDrivers
import CBelayDriver
import DriverTesting
import Foundation
import Testing

@Suite struct QueryTests {
  @Test func `columns are passed with their types, even if there are no rows`() throws {
    let sample = try Sample(
      "CREATE TYPE m AS ENUM ('a'); CREATE TABLE t(a int, \"b \"\" c\" varchar(7), n numeric(5,2), m m[])")
    let connection = try sample.connect()
    for sql in ["SELECT * FROM t", "TABLE t", "SELECT * FROM t WHERE a = $1"] {
      var columns: [ResultColumn] = []
      try connection.query(
        sql, parameters: sql.contains("$") ? [.integer(1)] : [], operation: Operation(), columns: { columns = $0 },
        rows: { _ in })
      #expect(columns.map(\.name) == ["a", "b \" c", "n", "m"], "\(sql)")
      #expect(columns.map(\.nativeType) == ["integer", "character varying(7)", "numeric(5,2)", "m[]"], "\(sql)")
    }
  }

  /// Statements of all kinds that give rows, and how many.
  static let all: [(String, Int)] = [
    ("SELECT 1", 1), ("SELECT 1;", 1), ("/* a /* b */ */ SELECT 1 -- end", 1), ("SELECT 1; -- end", 1),
    ("VALUES (1), (2)", 2),
    ("(SELECT 1) UNION ALL (SELECT 2)", 2),
    ("EXPLAIN SELECT 1", 1), ("SHOW server_version", 1),
    ("SELECT FROM t WHERE false", 0), ("SELECT ')' AS \"a ) b\"", 1),
    ("SELECT 'a;b', $$c;d$$", 1), ("FETCH ALL FROM nowhere", -1), ("SELECT 1; SELECT 2", -1), ("", -1),
    (" -- none", -1),
    ("SELECT 1) TO PROGRAM 'touch /tmp/x' --", -1), ("SELECT 1/0", -1), ("SELECT $1", -1), ("SELECT nowhere", -1),
  ]

  @Test(arguments: all)
  func `a statement gives its rows, or says why not, and the connection is good`(_ sql: String, _ count: Int) throws {
    let sample = try Sample("CREATE TABLE t(a int)")
    let connection = try sample.connect()
    for inTransaction in [false, true] {
      if inTransaction { try connection.run("BEGIN") }
      if count < 0 {
        #expect(try failure { _ = try connection.rows(sql) }.code == .sql)
      } else {
        #expect(try connection.rows(sql).count == count)
      }
      #expect(try connection.first("SELECT 2") == .integer(2))
      if inTransaction { try connection.run("ROLLBACK") }
    }
  }

  @Test(arguments: [
    "INSERT INTO t VALUES (1), (2) RETURNING a", "DELETE FROM t RETURNING *", "UPDATE t SET a = 2 RETURNING a",
    "WITH x AS (INSERT INTO t VALUES (1) RETURNING *) SELECT * FROM x", "SELECT * FROM t FOR UPDATE",
    "SELECT f()", "SELECT g()", "SELECT nextval('s')", "SELECT a INTO u FROM t", "CREATE TABLE u (a int)",
    "DROP TABLE t",
    "EXPLAIN ANALYZE DELETE FROM t", "COPY t TO '/tmp/belay-copy'", "COPY (SELECT 1) TO PROGRAM 'true'", "COMMIT",
    "ROLLBACK", "BEGIN", "SAVEPOINT x", "SET TRANSACTION READ WRITE", "CALL p()", "DO $$ BEGIN DELETE FROM t; END $$",
    "SELECT pg_catalog.set_config('transaction_read_only', 'off', true)", "LOCK TABLE t", "NOTIFY x", "TRUNCATE t",
  ])
  func `a statement that would write is refused, and changes neither the database nor the open transaction`(
    _ sql: String
  ) throws {
    let sample = try Sample(
      """
      CREATE TABLE t(a int); INSERT INTO t VALUES (7); CREATE SEQUENCE s;
      CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'INSERT INTO t VALUES (8) RETURNING 1';
      CREATE FUNCTION g() RETURNS int IMMUTABLE LANGUAGE plpgsql AS 'BEGIN DELETE FROM t; RETURN 1; END';
      CREATE PROCEDURE p() LANGUAGE sql AS 'DELETE FROM t';
      """)
    let connection = try sample.connect()
    for inTransaction in [false, true] {
      if inTransaction { try connection.run("BEGIN; INSERT INTO t VALUES (9)") }
      let error = try failure { _ = try connection.rows(sql) }
      // The server has other reasons of its own for these two.
      let isOther = sql.contains("set_config") || sql.contains("g()")
      #expect(error.code == .denied || isOther, "\(sql): \(error)")
      #expect(error.outcome == .notApplied)
      if sql.contains("g()") { _ = try? connection.explain("SELECT * FROM t WHERE a = g()", operation: Operation()) }
      #expect(try connection.rows("SELECT a FROM t").count == (inTransaction ? 2 : 1), "\(sql)")
      if inTransaction { try connection.run("ROLLBACK") }
      #expect(try connection.rows("SELECT a FROM t") == [[.integer(7)]], "\(sql)")
    }
  }

  @Test func `what a query sets for its session does not stay`() throws {
    let sample = try Sample("CREATE TABLE t(a int)")
    let connection = try sample.connect()
    for inTransaction in [false, true] {
      if inTransaction { try connection.run("BEGIN") }
      _ = try connection.rows(
        "SELECT set_config('default_transaction_read_only', 'on', false), set_config('x.y', 'z', false)")
      #expect(try connection.first("SHOW default_transaction_read_only") == .text("off"))
      if inTransaction { try connection.run("COMMIT") }
      try connection.run("INSERT INTO t VALUES (1)")
    }
  }

  @Test func `many rows of all sizes arrive whole and in order, in batches of about 1 MiB`() throws {
    let sample = try Sample()
    let connection = try sample.connect()
    try connection.run(
      """
      CREATE TABLE t AS SELECT i, repeat(E'\\t', (i * 7919) % 40000) AS a,
        CASE WHEN i % 3 <> 0 THEN convert_to(repeat('x', i % 5000), 'UTF8') END AS b FROM generate_series(1, 3000) i
      """)
    for sql in ["SELECT i, a, b FROM t ORDER BY i", "SELECT i, a, b FROM t WHERE $1 ORDER BY i"] {
      var (rows, wrong, largest) = (0, 0, 0)
      try connection.query(
        sql, parameters: sql.contains("$") ? [.bool(true)] : [], operation: Operation(),
        rows: { batch in
          var bytes = 0
          for row in 0..<Int(batch.nrows) {
            let cells = UnsafeBufferPointer(start: batch.cells + row * 3, count: 3)
            rows += 1
            let expected = rows % 3 == 0 ? 0 : rows % 5000
            if cells[0].v.i64 != rows || Int(cells[1].len) != (rows * 7919) % 40000 || Int(cells[2].len) != expected {
              wrong += 1
            }
            if cells[1].bytes.contains(where: { $0 != 9 }) || cells[2].bytes.contains(where: { $0 != 0x78 }) {
              wrong += 1
            }
            bytes += Int(cells[1].len + cells[2].len)
          }
          largest = max(largest, bytes)
        })
      #expect(rows == 3000)
      #expect(wrong == 0)
      #expect(largest < 2 << 20)
    }
  }

  @Test func `a sink that has enough ends the query, and an open transaction goes on`() throws {
    struct Enough: Error {}
    let sample = try Sample("CREATE TABLE t AS SELECT 1 AS a")
    let connection = try sample.connect()
    for begin in ["SELECT 1", "BEGIN"] {
      try connection.run(begin)
      for sql in ["SELECT generate_series(1, 1000000000)", "SELECT generate_series(1, 1000000000) WHERE $1"] {
        let began = ContinuousClock.now
        #expect(throws: Enough.self) {
          try connection.query(
            sql, parameters: sql.contains("$") ? [.bool(true)] : [], operation: Operation(),
            rows: { _ in throw Enough() })
        }
        #expect(ContinuousClock.now - began < soon)
        #expect(try connection.first("SELECT a FROM t") == .integer(1))
      }
    }
    try connection.run("COMMIT")
  }

  @Test func `a query is cancelled, out of time, or cut off in its middle`() throws {
    let sample = try Sample()
    let connection = try sample.connect()
    let endless = [
      "SELECT pg_sleep(60)", "SELECT i FROM generate_series(1, 1000000000) i",
      "SELECT repeat('x', 1000) FROM generate_series(1, 1000000000) i WHERE $1",
    ]
    for sql in endless {
      let parameters: [Value] = sql.contains("$") ? [.bool(true)] : []
      for code in [DriverError.Code.timeout, .cancelled] {
        let cancellation = Cancellation()
        if code == .cancelled { after(0.2) { cancellation.cancel() } }
        let operation = Operation(cancellation: cancellation, timeout: code == .timeout ? .milliseconds(200) : nil)
        let began = ContinuousClock.now
        let error = try failure {
          do { try connection.query(sql, parameters: parameters, operation: operation, rows: { _ in }) }
        }
        #expect(error.code == code)
        // The query itself takes a minute or more; rules 423 and 424 say how soon.
        #expect(ContinuousClock.now - began < soon, "\(sql)")
        #expect(try connection.first("SELECT 1") == .integer(1))
      }
    }
    for sql in endless {
      let victim = try sample.connect()
      let process = try victim.process()
      sample.end(process)
      let error = try failure {
        try victim.query(
          sql, parameters: sql.contains("$") ? [.bool(true)] : [], operation: Operation(), rows: { _ in })
      }
      #expect(error.code == .io)
      #expect(error.message.contains("terminating connection"), "\(error)")
      #expect(try failure { _ = try victim.rows("SELECT 1") }.code == .io)
    }
  }

  @Test func `what a role may not see is denied, and rows that a policy would hide are not left out in silence`() throws
  {
    let role = PostgreSQLServer.freshName("role")
    let sample = try Sample(
      """
      CREATE ROLE "\(role)" LOGIN; CREATE TABLE secret(a int); CREATE TABLE part(a int); INSERT INTO part VALUES (1), (2);
      ALTER TABLE part ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON part USING (a = 1); GRANT SELECT ON part TO "\(role)";
      """)
    defer { _ = try? sample.server.psql("DROP OWNED BY \"\(role)\"; DROP ROLE \"\(role)\"", database: sample.name) }
    let connection = try sample.connect(user: role)
    let denied = try failure { _ = try connection.rows("TABLE secret") }
    #expect(denied.code == .denied)
    #expect(denied.sqlState == "42501")
    #expect(denied.message.contains("secret"))
    let thinned = try failure { _ = try connection.rows("TABLE part") }
    #expect(thinned.code == .denied)
    #expect(thinned.message.contains("row-level security"), "\(thinned.message)")
    #expect(connection.traits.databaseBytes > 0)
    #expect(connection.traits.freeBytes == 0, "the data's folder is hidden from such a role")
  }
}
