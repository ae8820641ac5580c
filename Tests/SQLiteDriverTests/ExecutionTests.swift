import BelayDrivers
import DriverTesting
import Foundation
import Testing

struct ExecutionTests {
  /// What is run, and what of it is left when its last statement has failed.
  static let failing: [(String, DriverError.Outcome, Int64)] = [
    ("SELEC 1", .notApplied, 0),
    ("INSERT INTO t VALUES(1),(1)", .notApplied, 0),
    ("INSERT INTO t VALUES(5); INSERT INTO nowhere VALUES(1)", .partial, 1),
    ("BEGIN; INSERT INTO t VALUES(5); ROLLBACK; SELEC", .notApplied, 0),
    ("INSERT OR FAIL INTO t VALUES(1),(2),(1)", .partial, 2),
    ("BEGIN; INSERT INTO t VALUES(5); INSERT OR ROLLBACK INTO t VALUES(5)", .notApplied, 0),
  ]

  @Test("a failure says what it has left behind", arguments: failing)
  func outcomes(_ sql: String, _ outcome: DriverError.Outcome, _ rows: Int64) throws {
    let sample = try Sample("CREATE TABLE t(a UNIQUE);")
    defer { sample.keep() }
    let connection = try sample.connect()
    let error = #expect(throws: DriverError.self) { try connection.run(sql) }
    #expect(error?.outcome == outcome)
    #expect(try connection.first("SELECT count(*) FROM t") == .integer(rows))
  }

  @Test("an error stands at its byte in the whole text")
  func offset() throws {
    let sample = try Sample("CREATE TABLE t(a);")
    defer { sample.keep() }
    let connection = try sample.connect()
    let sql = "INSERT INTO t VALUES(1); /* ☃ */ SELECT nocolumn FROM t"
    let error = #expect(throws: DriverError.self) { try connection.run(sql) }
    #expect(error?.code == .sql)
    let expected = try #require(sql.range(of: "nocolumn")).lowerBound
    #expect(error?.sqlOffset == sql.utf8.distance(from: sql.startIndex, to: expected))
  }

  @Test("rows are all put in, or none")
  func rowsAtOnce() throws {
    let sample = try Sample("CREATE TABLE t(a UNIQUE);")
    defer { sample.keep() }
    let connection = try sample.connect()
    let changed = try connection.execute(
      "INSERT INTO t VALUES(?)", rows: [[.integer(1)], [.integer(2)]], operation: Operation())
    #expect(changed == 2)
    let error = #expect(throws: DriverError.self) {
      try connection.execute("INSERT INTO t VALUES(?)", rows: [[.integer(3)], [.integer(1)]], operation: Operation())
    }
    #expect(error?.code == .constraint)
    #expect(error?.outcome == .notApplied)
    #expect(try connection.first("SELECT count(*) FROM t") == .integer(2))
  }

  @Test("a long query is cancelled, and its time runs out")
  func cancelled() throws {
    let endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT count(*) FROM n"
    let sample = try Sample("CREATE TABLE t(a);")
    defer { sample.keep() }
    let connection = try sample.connect()
    let late = #expect(throws: DriverError.self) {
      try connection.values(endless, operation: Operation(timeout: .milliseconds(100)))
    }
    #expect(late?.code == .timeout)
    let cancellation = Cancellation()
    Thread.detachNewThread {
      usleep(100_000)
      cancellation.cancel()
    }
    let stopped = #expect(throws: DriverError.self) {
      try connection.values(endless, operation: Operation(cancellation: cancellation))
    }
    #expect(stopped?.code == .cancelled)
    #expect(try connection.first("SELECT 1") == .integer(1))
  }

  @Test("a script of many statements takes no longer per statement than a short one")
  func manyStatements() throws {
    let sample = try Sample("CREATE TABLE t(a);")
    defer { sample.keep() }
    let connection = try sample.connect()
    func spent(_ count: Int) throws -> Duration {
      let statement = "INSERT INTO t VALUES('0123456789012345678901234567890');\n"
      let script = "BEGIN;" + String(repeating: statement, count: count) + "COMMIT"
      return try threadTime { try connection.run(script) }
    }
    let few = try spent(5_000)
    #expect(try spent(50_000) < few * 20)
    #expect(try connection.first("SELECT count(*) FROM t") == .integer(55_000))
  }

  @Test("a full disk is an I/O error, and nothing is applied")
  func full() throws {
    let sample = try Sample("CREATE TABLE t(a);")
    defer { sample.keep() }
    let connection = try sample.connect()
    try connection.run("PRAGMA max_page_count=20")
    let error = #expect(throws: DriverError.self) { try connection.run("INSERT INTO t VALUES(zeroblob(1000000))") }
    #expect(error?.code == .io)
    #expect(error?.outcome == .notApplied)
    #expect(try connection.first("SELECT count(*) FROM t") == .integer(0))
  }
}
