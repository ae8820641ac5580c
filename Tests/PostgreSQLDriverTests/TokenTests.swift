import BelayDrivers
import DriverTesting
import Testing

@Suite struct TokenTests {
  @Test func `an adopted view is the acquired one, and its text the same whatever the roles have set`() throws {
    let sample = try Sample("CREATE TABLE t AS SELECT '2024-01-01 00:00+00'::timestamptz AS a")
    let (first, second) = (try sample.connect(), try sample.connect())
    try second.run("SET TimeZone = 'Asia/Tokyo'; SET DateStyle = 'German'")
    let token = try #require(try first.acquireToken(operation: Operation()))
    try second.adopt(token: token, operation: Operation())
    try sample.psql("INSERT INTO t VALUES (now())")
    #expect(try first.rows("TABLE t") == [[.native("2024-01-01 00:00:00+00")]])
    #expect(try second.rows("TABLE t") == first.rows("TABLE t"))
    // A query that fails, or is stopped, does not end the view.
    #expect(throws: DriverError.self) { try second.rows("TABLE nowhere") }
    #expect(throws: DriverError.self) {
      try second.values("SELECT pg_sleep(60)", operation: Operation(timeout: .milliseconds(100)))
    }
    #expect(try second.rows("TABLE t").count == 1)
    #expect(try failure { try second.run("INSERT INTO t VALUES (now())") }.code == .denied)
    try second.releaseToken(operation: Operation())
    #expect(try second.rows("TABLE t").count == 2)
    try second.run("CREATE TABLE zone AS SELECT current_setting('TimeZone') AS z")
    #expect(try second.first("TABLE zone") == .text("Asia/Tokyo"))
    try first.releaseToken(operation: Operation())
    #expect(try first.describe().isReadOnly == false)
  }

  static let bad = ["", "no such token", "00000003-0000001B-1", "'; DROP TABLE t; --", "../../x"]

  @Test(arguments: bad)
  func `a token of nobody is refused, and the connection is good`(_ token: String) throws {
    let sample = try Sample()
    let connection = try sample.connect()
    let error = try failure { try connection.adopt(token: token, operation: Operation()) }
    #expect([.invalid, .notFound].contains(error.code), "\(error)")
    try connection.run("CREATE TABLE t(a int)")
    #expect(try connection.acquireToken(operation: Operation()) != nil)
  }

  @Test func `no token within a transaction, and none to release without one`() throws {
    let sample = try Sample()
    let connection = try sample.connect()
    try connection.run("BEGIN")
    #expect(try failure { _ = try connection.acquireToken(operation: Operation()) }.code == .invalid)
    try connection.run("COMMIT")
    #expect(try failure { try connection.releaseToken(operation: Operation()) }.code == .invalid)
  }

  @Test func `a reader of a view waits for a lock as long as it may, not as long as a migration`() throws {
    let sample = try Sample("CREATE TABLE t(a int)")
    let reader = try sample.connect(["lock_timeout_ms": "50"])
    _ = try reader.acquireToken(operation: Operation())
    after(0) { try sample.psql("BEGIN; LOCK t; SELECT pg_sleep(1); COMMIT") }
    try eventually { try sample.psql("SELECT count(*) FROM pg_locks WHERE relation = 't'::regclass") == "1" }
    #expect(try reader.rows("TABLE t") == [])
  }
}
