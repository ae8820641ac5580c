import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// Each fault at each call. Whatever is said of the outcome must be true, and nothing may be done twice.
@Suite("D1: faults") struct FaultTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let fault: FakeD1Fault.Kind
    let call: FakeD1Call
    let at: Int
    let workDone: Bool
    let times: Int?
    var testDescription: String {
      "\(fault.rawValue) at \(call.rawValue) \(at), \(times.map { "\($0) times" } ?? "for ever"), \(workDone ? "done" : "undone")"
    }

    func arm(_ account: FakeD1Account) throws {
      try account.arm(FakeD1Fault(fault, call, at: at, times: times, workDone: workDone))
    }
  }

  static let everywhere = FakeD1Fault.passing
  private static let onSigned: [FakeD1Fault.Kind] = [
    .rateLimit, .html, .cut, .wrongETag, .missingETag, .expiredURL,
  ]
  private static let onTask: [FakeD1Fault.Kind] = [.vanishedTask, .taskError]

  private static func cases(_ calls: [FakeD1Call], forEver: Bool = true) -> [Case] {
    calls.flatMap { call -> [Case] in
      let kinds =
        [.upload, .download].contains(call)
        ? onSigned : everywhere + ([.importPoll, .exportPoll].contains(call) ? onTask : [])
      return kinds.flatMap { kind in
        // Who is told that he asks too often was not let in.
        (kind == .rateLimit ? [false] : [false, true]).flatMap { done in
          [Case(fault: kind, call: call, at: 1, workDone: done, times: 1)]
            + (call == .raw || call == .bookmark
              ? [Case(fault: kind, call: call, at: 2, workDone: done, times: 1)] : [])
            + (forEver ? [Case(fault: kind, call: call, at: 1, workDone: done, times: nil)] : [])
        }
      }
    }
  }

  private static let before = """
    CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
    INSERT INTO counter VALUES (1, 0);
    """

  /// Runs a change that shows when it is done twice.
  private func change(_ script: [String], _ fault: Case) throws {
    let subject = try Subject(["import_statements_per_transaction": 0])
    let database = try subject.make(Self.before)
    let clean = try subject.make(Self.before)
    try subject.open(clean.name).executeAtomically(script, operation: Operation())
    let (untouched, done) = (try content(database), try content(clean))
    let connection = try subject.open(database.name, ["retry_ms": "300"])
    try fault.arm(subject.account)
    var thrown: DriverError?
    do {
      try connection.executeAtomically(script, operation: Operation())
    } catch {
      thrown = error
    }
    try subject.account.disarm()
    let now = try content(database)
    switch thrown?.outcome {
    case nil, .applied: #expect(now == done, "\(thrown?.message ?? "no error")")
    case .notApplied: #expect(now == untouched, "\(thrown?.message ?? "")")
    default: #expect(now == done || now == untouched, "\(thrown?.message ?? "")")
    }
    #expect(thrown?.message.contains(subject.account.token) != true)
    #expect(try subject.account.counts()["credentials_leaked", default: 0] == 0)
  }

  @Test("a change by one call is done once, or not, as it is said", arguments: cases([.raw, .bookmark]))
  func call(fault: Case) throws {
    try change(
      ["UPDATE counter SET n = n + 1", "INSERT INTO counter (n) SELECT max(n) + 10 FROM counter"], fault)
  }

  @Test(
    "a change by an import is done once, or not, as it is said",
    arguments: cases([.importInit, .upload, .importIngest, .importPoll, .raw, .bookmark]))
  func file(fault: Case) throws {
    try change(
      [
        "UPDATE counter SET n = n + 1",
        "CREATE TRIGGER more AFTER INSERT ON counter BEGIN UPDATE counter SET n = CASE WHEN n > 0 THEN n + 1 ELSE n END; END",
        "INSERT INTO counter (n) VALUES (5)",
      ], fault)
  }

  @Test("what is called a backup holds everything", arguments: cases([.raw, .bookmark], forEver: false))
  func backup(fault: Case) throws {
    let subject = try Subject()
    let database = try subject.make(
      Self.before
        + (0..<300).map { "INSERT INTO counter VALUES (\($0 + 10), \($0));" }.joined()
        + "CREATE TABLE other (a TEXT); INSERT INTO other VALUES ('x'), (NULL);")
    let connection = try subject.open(database.name)
    try fault.arm(subject.account)
    let bytes: [UInt8]
    do {
      bytes = try connection.dumped()
    } catch is DriverError {
      return
    }
    try subject.account.disarm()
    let copy = try subject.make()
    try subject.open(copy.name).restore(bytes)
    #expect(try content(copy) == content(database))
  }

  @Test(
    "a restore is whole, or leaves what was there",
    arguments: cases([.importInit, .upload, .importIngest, .importPoll, .raw, .bookmark, .restore], forEver: false))
  func restore(fault: Case) throws {
    let subject = try Subject()
    let source = try subject.make(Self.before + "CREATE TABLE other (a TEXT); INSERT INTO other VALUES ('x'), (NULL);")
    let bytes = try subject.open(source.name).dumped()
    let target = try subject.make("CREATE TABLE kept (a); INSERT INTO kept VALUES (7);")
    let untouched = try content(target)
    let connection = try subject.open(target.name, ["retry_ms": "300"])
    try fault.arm(subject.account)
    var thrown: DriverError?
    do {
      try connection.restore(bytes)
    } catch let error as DriverError {
      thrown = error
    }
    try subject.account.disarm()
    switch thrown?.outcome {
    case nil: #expect(try content(target) == content(source))
    case .notApplied: #expect(try content(target) == untouched, "\(thrown?.message ?? "")")
    default: break
    }
  }

  @Test("a restore that breaks in the middle is Time Travel has returned the database")
  func putBack() throws {
    let subject = try Subject(["import_polls": 3])
    let source = try subject.make(Self.before + (0..<50).map { "INSERT INTO counter (n) VALUES (\($0));" }.joined())
    let bytes = try subject.open(source.name).dumped()
    let target = try subject.make("CREATE TABLE kept (a); INSERT INTO kept VALUES (7);")
    let untouched = try content(target)
    try subject.account.arm(FakeD1Fault(.taskError, .importPoll, at: 2, details: ["message": "something broke"]))
    let error = try failure { try subject.open(target.name).restore(bytes) }
    #expect(error.outcome == .notApplied)
    #expect(error.message.contains("Time Travel has returned the database"))
    #expect(try content(target) == untouched)
  }

  @Test("an import that D1 forgets after it succeeded is a success")
  func forgotten() throws {
    let subject = try Subject(["import_forgets_success": true])
    let database = try subject.make(Self.before)
    let connection = try subject.open(database.name)
    try connection.run("CREATE TRIGGER t AFTER INSERT ON counter BEGIN SELECT CASE WHEN 1 THEN 2 END; END;")
    #expect(try database.content().contains("trigger t"))
  }

  @Test("an upload whose URL has expired gets another one", arguments: [FakeD1Fault.Kind.expiredURL, .wrongETag, .cut])
  func expired(fault: FakeD1Fault.Kind) throws {
    let subject = try Subject()
    let database = try subject.make(Self.before)
    let connection = try subject.open(database.name)
    try subject.account.arm(FakeD1Fault(fault, .upload, workDone: true))
    try connection.run(
      "CREATE TRIGGER t AFTER INSERT ON counter BEGIN SELECT 1; END; UPDATE counter SET n = n + 1")
    #expect(try database.sql("SELECT n FROM counter") == [["1"]])
    #expect(try subject.account.counts()["imports_run"] == 1)
  }

  @Test("both shapes of a task's failure are understood", arguments: ["status", "success", "errors", "envelope"])
  func shapes(shape: String) throws {
    let subject = try Subject(["failure_shape": shape, "import_polls": 2])
    let database = try subject.make(Self.before)
    let connection = try subject.open(database.name)
    try subject.account.arm(FakeD1Fault(.taskError, .importPoll, details: ["message": "UNIQUE constraint failed: a.b"]))
    let error = try failure {
      try connection.run(
        "CREATE TRIGGER t AFTER INSERT ON counter BEGIN SELECT 1; END; INSERT INTO counter VALUES (9, 9)")
    }
    #expect(error.code == .constraint)
    #expect(error.message.contains("UNIQUE constraint failed"))
  }

  @Test("a rate limit that does not end is reported after a while, and nothing was done")
  func rateLimited() throws {
    let subject = try Subject()
    let database = try subject.make(Self.before)
    let connection = try subject.open(database.name, ["rate_limit_ms": "200"])
    try subject.account.arm(FakeD1Fault(.rateLimit, .raw, times: nil, details: ["seconds": 0]))
    let error = try failure { try connection.run("UPDATE counter SET n = 5") }
    #expect(error.code == .busy)
    #expect(error.outcome == .notApplied)
    #expect(error.message.contains("rate limit"))
  }

  @Test("a database that is being exported is waited for, and named busy")
  func busy() throws {
    let subject = try Subject()
    let database = try subject.make(Self.before)
    let patient = try subject.open(database.name, ["retry_ms": "120000"])
    try subject.account.arm(
      FakeD1Fault(
        .status, .raw, times: 3,
        details: ["status": 400, "code": 7500, "message": "Currently processing a long-running export."]))
    try patient.run("UPDATE counter SET n = n + 1")
    #expect(try database.sql("SELECT n FROM counter") == [["1"]])
    try subject.account.arm(
      FakeD1Fault(
        .status, .raw, times: nil,
        details: ["status": 400, "code": 7500, "message": "Currently processing a long-running export."]))
    let connection = try subject.open(database.name, ["retry_ms": "200"])
    let error = try failure { try connection.run("UPDATE counter SET n = n + 1") }
    #expect(error.code == .busy)
  }

  @Test("a copy during which somebody writes is made anew")
  func writtenMeanwhile() throws {
    let subject = try Subject()
    let database = try subject.make(Self.before)
    let connection = try subject.open(database.name)
    try subject.account.arm(
      FakeD1Fault(
        .write, .raw, at: 2, times: 2, details: ["sql": "INSERT INTO counter (n) VALUES (77)", "when": "after"]))
    let bytes = try connection.dumped()
    try subject.account.disarm()
    let copy = try subject.make()
    try subject.open(copy.name).restore(bytes)
    #expect(try content(copy) == content(database))
  }

  @Test("a copy that is never left alone fails, and says why")
  func neverAlone() throws {
    let subject = try Subject()
    let database = try subject.make(Self.before)
    let connection = try subject.open(database.name, ["copy_attempts": "2"])
    try subject.account.arm(
      FakeD1Fault(
        .write, .raw, times: nil, details: ["sql": "INSERT INTO counter (n) VALUES (77)", "when": "after"]))
    let error = try failure { _ = try connection.dumped() }
    #expect(error.code == .busy)
  }

  @Test("bookmarks that move by themselves do not keep a copy from being made")
  func drifting() throws {
    let subject = try Subject(["bookmark_drifts": true])
    let database = try subject.make(Self.before)
    #expect(try !subject.open(database.name).dumped().isEmpty)
  }
}
