import BelayDrivers
import Foundation
import SQLiteDialect
import Testing

struct TokenTests {
  @Test("a token fixes an instant for all who adopt it, while the database goes on", arguments: ["DELETE", "WAL"])
  func instant(_ mode: String) throws {
    let sample = try Sample("PRAGMA journal_mode=\(mode); CREATE TABLE t(a); INSERT INTO t VALUES(1);")
    let first = try sample.connect()
    let second = try sample.connect()
    let token = try #require(try first.acquireToken(operation: Operation()))
    try second.run("INSERT INTO t VALUES(2); CREATE TABLE later(a)")
    #expect(try second.first("SELECT count(*) FROM t") == .integer(2))
    try second.adopt(token: token, operation: Operation())
    for connection in [first, second] {
      #expect(try connection.first("SELECT count(*) FROM t") == .integer(1))
      #expect(try connection.catalog(operation: Operation()).tables.map(\.name) == ["t"])
      #expect(try connection.dumped(token: token).count == 2 * 4096)
    }
    try second.releaseToken(operation: Operation())
    try first.releaseToken(operation: Operation())
    #expect(try first.first("SELECT count(*) FROM t") == .integer(2))
  }

  /// Rows of two tables that are always changed together: a torn copy has different sums.
  static let pair = """
    CREATE TABLE a(i INTEGER PRIMARY KEY, n); CREATE TABLE b(i INTEGER PRIMARY KEY, n);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<4000)
    INSERT INTO a SELECT i, zeroblob(2000) FROM n; INSERT INTO b SELECT * FROM a; UPDATE a SET n=0; UPDATE b SET n=0;
    """

  @Test(
    "a copy is whole while another program writes, and the writer is not kept waiting",
    arguments: ["DELETE", "PERSIST", "WAL"])
  func writers(_ mode: String) throws {
    let sample = try Sample("PRAGMA journal_mode=\(mode);" + Self.pair)
    // So small a cache that a transaction writes into the file long before it ends, and takes it back.
    var script = ".timeout 60000\nPRAGMA cache_size=5;\n"
    for round in 1...40 {
      script += "BEGIN IMMEDIATE; UPDATE a SET n=n+1 WHERE i%10=\(round % 10);"
      script += "UPDATE b SET n=n+1 WHERE i%10=\(round % 10); COMMIT;\n"
      if round % 3 == 0 { script += "BEGIN IMMEDIATE; UPDATE a SET n=n+1; ROLLBACK;\n" }
      // The file grows and shrinks.
      if round % 10 == 0 { script += "CREATE TABLE c AS SELECT i, zeroblob(900) FROM a; DROP TABLE c; VACUUM;\n" }
    }
    let connection = try sample.connect()
    let writer = try Shell.start(sample.path, script)
    var copies = 0
    var torn = 0
    while writer.process.isRunning {
      _ = try #require(try connection.acquireToken(operation: Operation()))
      if try connection.first("SELECT (SELECT sum(n) FROM a) = (SELECT sum(n) FROM b)") != .integer(1) { torn += 1 }
      if try connection.first("PRAGMA integrity_check") != .text("ok") { torn += 1 }
      try connection.releaseToken(operation: Operation())
      copies += 1
    }
    _ = try writer.wait()
    #expect(copies > 0)
    #expect(torn == 0)
    #expect(try connection.first("SELECT sum(n) FROM a") == .integer(40 * 400))
  }

  @Test("a writer that hardly pauses keeps nobody from a copy", arguments: ["DELETE", "TRUNCATE", "WAL"])
  func hardlyPausing(_ mode: String) throws {
    let sample = try Sample("PRAGMA journal_mode=\(mode); CREATE TABLE t(a); INSERT INTO t VALUES(1);")
    let connection = try sample.connect(["busy_timeout_ms": "20000"])
    let transaction =
      "BEGIN EXCLUSIVE; UPDATE t SET a=a+1;\n.shell touch \(sample.path)-began; sleep 0.1\nCOMMIT;\n.shell sleep 0.005\n"
    let writer = try Shell.start(sample.path, ".timeout 60000\n" + String(repeating: transaction, count: 400))
    defer { writer.process.terminate() }
    while try !sample.files.contains("app.db-began") { usleep(10_000) }
    for _ in 1...3 {
      let token = try connection.acquireToken(operation: Operation())
      #expect(token != nil)
      try connection.releaseToken(operation: Operation())
    }
    #expect(writer.process.isRunning)
  }

  @Test("in the second half of a wait a lock is tried for more often, for a writer's pauses may be short")
  func secondHalf() {
    let watch = Watch(busyTimeoutMilliseconds: 2000)
    var tries = 0
    while watch.waits(attempt: tries) { tries += 1 }
    // With SQLite's own delays there would be 29.
    #expect(tries > 40)
  }

  @Test("a token that nobody has given is refused", arguments: ["/nowhere/at/all.db", "app.db", ""])
  func unknown(_ token: String) throws {
    let sample = try Sample("CREATE TABLE t(a);")
    defer { sample.keep() }
    let connection = try sample.connect()
    let error = #expect(throws: DriverError.self) { try connection.adopt(token: token, operation: Operation()) }
    #expect(error?.code == .notFound)
  }
}
