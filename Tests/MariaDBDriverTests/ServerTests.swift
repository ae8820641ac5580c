import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// What is MariaDB's own way: locks, deadlocks, kills, sessions.
@Suite struct ServerTests {
  private static let counters = """
    CREATE TABLE t (a int PRIMARY KEY, b int); INSERT INTO t SELECT seq, 0 FROM seq_1_to_9;
    """

  @Test func `a lock that does not come is BUSY, with the transaction as it was`() throws {
    let sample = try Sample(Self.counters)
    let (one, two) = (try sample.connect(), try sample.connect())
    try one.run(one.traits.begin)
    try one.run("UPDATE t SET b = 1 WHERE a = 1")
    try two.run(two.traits.begin)
    try two.run("UPDATE t SET b = 2 WHERE a = 2")
    let error = try failure { try one.run("UPDATE t SET b = 3 WHERE a = 2") }
    #expect(error.code == .busy && error.outcome == .notApplied && error.vendorCode == 1205)
    #expect(error.sqlState?.hasPrefix("40") != true)
    #expect(try one.first("SELECT b FROM t WHERE a = 1") == .integer(1), "what it had done is still there")
    try two.run("ROLLBACK")
    try one.run("UPDATE t SET b = 3 WHERE a = 2")
    try one.run("COMMIT")
    #expect(try sample.client("SELECT b FROM t WHERE a < 3") == "1\n3")
  }

  @Test func `a deadlock is BUSY too, and says that it has ended the transaction`() throws {
    let sample = try Sample(Self.counters)
    let connection = try sample.connect()
    try connection.run(connection.traits.begin)
    try connection.run("UPDATE t SET b = 1 WHERE a = 1")
    // Of two in a circle, the server ends the one that has written less.
    let other = try sample.server.hold(
      sample.name, "START TRANSACTION; UPDATE t SET b = 2 WHERE a > 1; UPDATE t SET b = 4 WHERE a = 1; ROLLBACK")
    defer { other.end() }
    try eventually {
      try sample.client("SELECT count(*) FROM information_schema.INNODB_TRX WHERE trx_query LIKE '%b = 4 WHERE%'")
        == "1"
    }
    let error = try failure { try connection.run("UPDATE t SET b = 5 WHERE a = 2") }
    #expect(error.code == .busy && error.outcome == .notApplied && error.vendorCode == 1213)
    #expect(error.sqlState == "40001")
    other.waitUntilExit()
    #expect(try connection.first("SELECT b FROM t WHERE a = 1") == .integer(0))
  }

  @Test func `statements of which one fails say what became of those before`() throws {
    let connection = try Sample().connect()
    let error = try failure { try connection.run("CREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\nSELEKT 1") }
    #expect(error.outcome == .partial || error.outcome == .notApplied)
    let wrong = try failure { try connection.run("SELECT\n  1 FROM FROM t") }
    #expect(wrong.sqlOffset == 16, "\(wrong)")
    #expect(wrong.sqlState == "42000")
    let missing = try failure { try connection.run("SELECT 1 FROM nowhere") }
    #expect(missing.sqlState == "42S02")
  }

  @Test func `a connection that was killed says so, and what became of its statement is not known`() throws {
    let sample = try Sample("CREATE TABLE t (a int)")
    let (one, two) = (try sample.connect(), try sample.connect())
    let number = try #require(try one.first("SELECT CONNECTION_ID()").integer)
    try two.run("KILL CONNECTION \(number)")
    let error = try failure { try one.run("INSERT INTO t VALUES (1)") }
    #expect(error.code == .io && error.outcome == .unknown)
    #expect(try failure { try one.run("SELECT 1") }.code == .io)
  }

  @Test func `a statement over its time is ended in the server too, and the connection goes on`() throws {
    let sample = try Sample()
    let connection = try sample.connect()
    let endless = "SELECT count(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b WHERE a.seq * b.seq = 0"
    for _ in 1...3 {
      let began = ContinuousClock.now
      let error = try failure {
        try connection.run(endless, BelayDrivers.Operation(timeout: .milliseconds(200)))
      }
      #expect(error.code == .timeout)
      #expect(ContinuousClock.now - began < soon)
      #expect(try connection.first("SELECT 1") == .integer(1))
    }
    #expect(
      try sample.client(
        "SELECT count(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT count(*) FROM seq%a.seq * b.seq = 0'"
      ) == "0")
  }

  @Test func `others' sessions are listed and ended, belay's are known as such and left alone`() throws {
    let sample = try Sample()
    let (connection, second) = (try sample.connect(), try sample.connect())
    let process = try sample.server.hold(sample.name, "SELECT SLEEP(60)")
    defer { process.end() }
    var found: [BelayDrivers.Session] = []
    try eventually {
      found = try connection.sessions(operation: Operation())?.filter { $0.application != "belay" } ?? []
      return found.first?.statement == "SELECT SLEEP(60)"
    }
    #expect(found.count == 1)
    #expect(found[0].user?.hasPrefix("root@") == true)
    let own = try #require(try connection.sessions(operation: Operation())?.filter { $0.application == "belay" })
    #expect(own.count == 1)
    #expect(try failure { try connection.terminateSession(own[0].id, operation: Operation()) }.code == .denied)
    try connection.terminateSession(found[0].id, operation: Operation())
    process.waitUntilExit()
    #expect(try failure { try connection.terminateSession("0", operation: Operation()) }.code == .notFound)
    #expect(try failure { try connection.terminateSession("1; x", operation: Operation()) }.code == .invalid)
    #expect(try second.first("SELECT 1") == .integer(1))
  }

  @Test func `orphans that got in with foreign keys off are found`() throws {
    let sample = try Sample(
      """
      CREATE TABLE p (id int PRIMARY KEY);
      CREATE TABLE c (id int PRIMARY KEY, `p``id` int, CONSTRAINT of_p FOREIGN KEY (`p``id`) REFERENCES p(id));
      SET foreign_key_checks = 0; INSERT INTO c VALUES (1, 7), (2, NULL);
      """)
    let found = try #require(try sample.connect().integrity(full: true, operation: Operation()))
    #expect(found.count == 1)
    #expect("\(found)".contains("of_p") && "\(found)".contains("foreign_key"), "\(found)")
  }
}
