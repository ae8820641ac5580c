import BelayDrivers
import DriverTesting
import Foundation
import Testing

@Suite("D1: stopping, and what stands in the way") struct StandingTests {
  @Test("a write that is cancelled under way says honestly what became of it", arguments: [false, true])
  func cancelled(workDone: Bool) throws {
    let subject = try Subject()
    let database = try subject.make("CREATE TABLE t (a)")
    let connection = try subject.open(database.name)
    try connection.run("INSERT INTO t VALUES (0)")
    try subject.account.arm(FakeD1Fault(.slow, .raw, workDone: workDone, details: ["seconds": 10]))
    let cancellation = Cancellation()
    Thread.detachNewThread { [account = subject.account] in
      do { try eventually { try account.counts()["faults", default: 0] > 0 } } catch { Issue.record(error) }
      cancellation.cancel()
    }
    let began = ContinuousClock.now
    let error = try failure {
      try connection.execute("INSERT INTO t VALUES (1)", operation: Operation(cancellation: cancellation))
    }
    #expect(ContinuousClock.now - began < soon)
    #expect(error.code == .cancelled)
    // What was revoked does not come later either.
    Thread.sleep(forTimeInterval: 12)
    let rows = try database.sql("SELECT count(*) FROM t")
    #expect(rows == [[workDone ? "2" : "1"]])
    #expect(error.outcome == (workDone ? .applied : .notApplied))
    // Nor does it stand in the way of the next one.
    try connection.run("INSERT INTO t VALUES (2)")
    #expect(try database.sql("SELECT count(*) FROM t") == [[workDone ? "3" : "2"]])
  }

  @Test("a scratch database is made once, or not at all", arguments: FaultTests.everywhere, [false, true])
  func scratch(fault: FakeD1Fault.Kind, workDone: Bool) throws {
    if fault == .rateLimit && workDone { return }
    let subject = try Subject()
    let database = try subject.make()
    let connection = try subject.open(database.name)
    try subject.account.arm(FakeD1Fault(fault, .createDatabase, workDone: workDone))
    do {
      let url = try connection.createScratch(name: "run-1", operation: Operation())
      #expect(url == (try connection.locateScratch(name: "run-1", operation: Operation())))
    } catch {
      #expect(error.code != .internal)
    }
    try subject.account.disarm()
    #expect(try subject.account.databases().count <= 2)
    let url = try connection.locateScratch(name: "run-1", operation: Operation())
    try subject.account.arm(FakeD1Fault(fault, .deleteDatabase, workDone: workDone))
    try connection.dropScratch(url, operation: Operation())
    #expect(try subject.account.databases().map(\.name) == [database.name])
    let other = subject.url(database.name)
    #expect(try failure { try connection.dropScratch(other, operation: Operation()) }.code == .invalid)
  }

  @Test("the preflight names everything at once")
  func preflight() throws {
    let subject = try Subject()
    let database = try subject.make("CREATE VIRTUAL TABLE f USING fts5(x, content='');")
    try subject.account.addToken("weak-token", refused: [.bookmark, .restore])
    let weak = try subject.open(database.name, ["api_token": "weak-token"])
    let findings = try #require(try weak.preflight([.write, .dump, .scratch], operation: Operation()))
    #expect(findings.contains { $0.rule == "time-travel" && $0.severity == .error })
    #expect(findings.contains { $0.rule == "contentless-table" && $0.subject == "f" })
    let strong = try subject.open(database.name)
    let calm = try #require(try strong.preflight([.write, .dump, .scratch], operation: Operation()))
    #expect(!calm.contains { $0.severity == .error })
  }

  @Test("a value that D1 does not take is refused before it is sent")
  func tooLong() throws {
    let subject = try Subject()
    let database = try subject.make("CREATE TABLE t (a)")
    let connection = try subject.open(database.name)
    let error = try failure {
      try connection.execute(
        "INSERT INTO t VALUES (?)", rows: [[.text(String(repeating: "x", count: 2_000_001))]], operation: Operation())
    }
    #expect(error.code == .denied)
    #expect(error.outcome == .notApplied)
    #expect(try database.sql("SELECT count(*) FROM t") == [["0"]])
  }

  @Test("everything that a driver says of a failure leaves the token out", arguments: FaultTests.everywhere)
  func secret(fault: FakeD1Fault.Kind) throws {
    let subject = try Subject()
    let database = try subject.make("CREATE TABLE t (a)")
    let connection = try subject.open(database.name, ["retry_ms": "50", "rate_limit_ms": "50"])
    try subject.account.arm(
      FakeD1Fault(fault, .raw, .bookmark, .importInit, .getDatabase, times: nil))
    for body in [
      { try connection.run("INSERT INTO t VALUES (1)") }, { _ = try connection.rows("SELECT 1") },
      { _ = try connection.dumped() }, { _ = try connection.describe() },
      { try connection.run("CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END") },
    ] as [() throws -> Void] {
      do {
        try body()
      } catch let error as DriverError {
        #expect(!"\(error) \(error.message) \(error.hint ?? "")".contains(subject.account.token))
      }
    }
  }
}
