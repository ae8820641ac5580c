import BelayDrivers
import DriverTesting
import Testing

@Suite("D1: scripts") struct ScriptTests {
  @Test(
    "what D1 refuses is refused with its line, before anything is sent",
    arguments: [
      ("CREATE TABLE a (x);\nBEGIN;\nINSERT INTO a VALUES (1);\nCOMMIT;", 2, "transaction"),
      ("INSERT INTO t VALUES (1);\n\nSAVEPOINT s;", 3, "transaction"),
      ("INSERT INTO t VALUES (1);\nATTACH 'x' AS y;", 2, "not-on-d1"),
      ("VACUUM", 1, "not-on-d1"),
      ("CREATE TEMP TABLE x (a)", 1, "temporary"),
      ("SELECT 1;\nINSERT INTO t VALUES ('" + String(repeating: "x", count: 100_000) + "')", 2, "statement-too-long"),
    ])
  func refused(script: String, line: Int, rule: String) throws {
    let subject = try Subject()
    let database = try subject.make("CREATE TABLE t (a)")
    let connection = try subject.open(database.name)
    let findings = try #require(try connection.lint(script, operation: Operation()))
    #expect(findings.contains { $0.line == line && $0.rule == rule && $0.severity == .error }, "\(findings)")
    try subject.account.resetCounts()
    let error = try failure { try connection.run(script) }
    #expect(error.outcome == .notApplied)
    #expect(error.message.contains("line \(line)"))
    #expect(try subject.account.counts()["api", default: 0] == 0)
  }

  @Test("a trigger that one call would split is sent as an import", arguments: ["known", "always"])
  func triggers(cutting: String) throws {
    let subject = try Subject(["query_cuts_triggers": cutting])
    let database = try subject.make("CREATE TABLE t (a, b)")
    let trigger =
      "CREATE TRIGGER tr AFTER INSERT ON t begin UPDATE t SET b = CASE WHEN new.a THEN 1 ELSE 2 END; SELECT 1;\r\nEND"
    let connection = try subject.open(database.name)
    try connection.run(trigger)
    try connection.run("INSERT INTO t (a) VALUES (1)")
    #expect(try database.sql("SELECT b FROM t") == [["1"]])
  }

  @Test("foreign keys are off where the file says so at its top")
  func foreignKeysOff() throws {
    let subject = try Subject()
    let database = try subject.make(
      """
      CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p(id) ON DELETE CASCADE);
      INSERT INTO p VALUES (1); INSERT INTO c VALUES (1);
      """)
    try subject.open(database.name).run(
      """
      PRAGMA foreign_keys=OFF;
      CREATE TABLE q (id INTEGER PRIMARY KEY, more TEXT); INSERT INTO q (id) SELECT id FROM p;
      DROP TABLE p; ALTER TABLE q RENAME TO p;
      """)
    #expect(try database.sql("SELECT count(*) FROM c") == [["1"]])
  }

  @Test("of a call that fails nothing stays, and where parts stay it is not denied", arguments: [false, true])
  func parts(keepsParts: Bool) throws {
    let subject = try Subject(["query_applies_parts": keepsParts])
    let database = try subject.make("CREATE TABLE t (a UNIQUE)")
    let error = try failure {
      try subject.open(database.name).run("INSERT INTO t VALUES (1); INSERT INTO t VALUES (1)")
    }
    #expect(error.code == .constraint)
    #expect(error.outcome == (keepsParts ? .unknown : .notApplied))
  }

  @Test("an import that fails in its middle says that parts stay")
  func partsOfImport() throws {
    let subject = try Subject()
    let database = try subject.make("CREATE TABLE t (a UNIQUE)")
    let error = try failure {
      try subject.open(database.name).run(
        "INSERT INTO t VALUES (1); CREATE TRIGGER x AFTER INSERT ON t BEGIN SELECT 1; END; INSERT INTO t VALUES (1)")
    }
    #expect(error.outcome == .partial)
  }
}
