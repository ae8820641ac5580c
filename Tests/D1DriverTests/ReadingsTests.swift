import BelayDrivers
import DriverTesting
import Testing

/// Where the facts about the API leave two readings, both are right for the driver.
@Suite("D1: both readings") struct ReadingsTests {
  struct Reading: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let settings: [String: any Sendable]

    init(_ name: String, _ value: any Sendable) {
      testDescription = "\(name): \(value)"
      settings = [name: value]
    }
  }

  static let all: [Reading] = [
    Reading("complete_nesting", "flat"), Reading("restore_answers", "new"),
    Reading("import_wants_final_semicolon", true),
    Reading("import_statements_per_transaction", 0), Reading("import_statements_per_transaction", 7),
    Reading("import_polls", 0), Reading("import_polls", 5), Reading("export_polls", 0), Reading("export_polls", 4),
    Reading("import_forgets_success", true), Reading("query_cuts_triggers", "always"),
    Reading("query_applies_parts", true), Reading("bookmark_drifts", true), Reading("rate_code", 10429),
    Reading("auth_status", 403), Reading("blocks_time_travel", false), Reading("failure_shape", "envelope"),
    Reading("failure_shape", "errors"), Reading("failure_shape", "success"),
  ]

  @Test("a backup, a restore, a change of each kind, and a rollback", arguments: all)
  func life(reading: Reading) throws {
    let subject = try Subject(reading.settings)
    let source = try subject.make(
      """
      CREATE TABLE p (id INTEGER PRIMARY KEY, x); CREATE TABLE c (p NOT NULL REFERENCES p(id) ON DELETE CASCADE);
      INSERT INTO p VALUES (1, 9007199254740993), (2, 0.1), (3, X'00ff'); INSERT INTO c VALUES (1), (3);
      CREATE TRIGGER t AFTER INSERT ON p BEGIN UPDATE p SET x = CASE WHEN x IS NULL THEN 0 ELSE x END WHERE id = new.id; END;
      """)
    let copy = try subject.make("CREATE TABLE old (a REFERENCES old2(a)); CREATE TABLE old2 (a PRIMARY KEY);")
    let bytes = try subject.open(source.name).dumped()
    let connection = try subject.open(copy.name)
    try connection.restore(bytes)
    let before = try content(copy)
    #expect(try before == content(source))

    let mark = try #require(try connection.markPresent(operation: Operation()))
    try connection.run("INSERT INTO p VALUES (4, NULL)")
    try connection.run("DROP TRIGGER t; CREATE TRIGGER t2 AFTER INSERT ON c BEGIN SELECT CASE WHEN 1 THEN 2 END; END")
    #expect(try copy.sql("SELECT x FROM p WHERE id = 4") == [["0"]])
    let after = try content(copy)
    let undo = try connection.rewind(to: mark, operation: Operation())
    #expect(try content(copy) == before)
    _ = try connection.rewind(to: undo, operation: Operation())
    #expect(try content(copy) == after)
    #expect(try !connection.dumped("d1_export").isEmpty)
  }

  @Test(
    "a foreign key that makes an import fail is reported, whatever D1's text is", arguments: ["", "text", "object"])
  func foreignKey(words: String) throws {
    let subject = try Subject(["import_reset_do": words])
    let database = try subject.make("CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (p REFERENCES p(id));")
    let error = try failure {
      try subject.open(database.name).run(
        "CREATE TRIGGER t AFTER INSERT ON c BEGIN SELECT 1; END; INSERT INTO c VALUES (7)")
    }
    #expect(error.code == .constraint)
    #expect("\(error.message)".lowercased().contains("foreign key"))
  }
}
