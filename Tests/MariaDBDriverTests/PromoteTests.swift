import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// A scratch database in its target's place, by one RENAME TABLE.
@Suite struct PromoteTests {
  private func scratch(_ connection: Connection, _ sql: String, name: String = "back") throws -> String {
    let url = try connection.createScratch(name: name, operation: .init())
    let scratch = try Sample.driver().open(url, options: [], operation: .init())
    for statement in try scratch.split(sql, operation: .init()) { try scratch.run(statement.sql) }
    scratch.close()
    return url
  }

  private static let family = """
    CREATE TABLE parent (id int PRIMARY KEY, name text);
    CREATE TABLE child (id int PRIMARY KEY, p int, CONSTRAINT of_p FOREIGN KEY (p) REFERENCES parent(id));
    CREATE VIEW v AS SELECT name FROM parent;
    """

  @Test func `tables that refer to each other come in, those that were there go, and names of keys stay`() throws {
    let sample = try Sample(Self.family + "CREATE TABLE extra (a int); INSERT INTO parent VALUES (1, 'old')")
    let connection = try sample.connect()
    let url = try scratch(
      connection, Self.family + "INSERT INTO parent VALUES (2, 'new'); INSERT INTO child VALUES (1, 2)", name: "swapped"
    )
    try connection.promote(url, operation: .init())
    #expect(try connection.rows("SELECT name FROM v") == [[.text("new")]])
    #expect(try sample.client("SHOW TABLES") == "child\nparent\nv")
    #expect(try failure { try connection.run("DELETE FROM parent") }.code == .constraint)
    #expect(try sample.client("SHOW CREATE TABLE child").contains("REFERENCES `parent` (`id`)"))
    try connection.dropScratch(url, operation: .init())
    #expect(try sample.server.databases().filter { $0.hasPrefix("belay_") && $0.hasSuffix("_swapped_old") } == [])
  }

  static let refused = [
    ("CREATE TRIGGER g BEFORE INSERT ON parent FOR EACH ROW SET @a = 1;", "", "triggers"),
    ("CREATE VIEW w AS SELECT 1 AS a;", "", "views"), ("", "CREATE FUNCTION f() RETURNS int RETURN 1;", "views"),
    ("CREATE SEQUENCE s; CREATE TABLE n (a int DEFAULT nextval(s));", "", "sequence"),
  ]

  @Test(arguments: refused)
  func `what one statement cannot move is refused with nothing changed`(here: String, there: String, word: String)
    throws
  {
    let sample = try Sample(Self.family + here)
    let connection = try sample.connect()
    let url = try scratch(connection, Self.family + there)
    let before = try sample.server.dump(sample.name)
    let error = try failure { try connection.promote(url, operation: .init()) }
    #expect(error.code == .unsupported && error.outcome == .notApplied)
    #expect(error.message.contains(word), "\(error)")
    #expect(try sample.server.dump(sample.name) == before)
    try connection.dropScratch(url, operation: .init())
  }

  @Test func `a session that holds a table is ended`() throws {
    let sample = try Sample("CREATE TABLE t AS SELECT 'old' AS a")
    let connection = try sample.connect()
    let url = try scratch(connection, "CREATE TABLE t AS SELECT 'new' AS a")
    let holder = try sample.server.hold(sample.name, "START TRANSACTION; SELECT * FROM t; SELECT SLEEP(60)")
    defer { holder.end() }
    try eventually {
      try sample.client("SELECT count(*) FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT SLEEP(60)%'")
        == "1"
    }
    try connection.promote(url, operation: .init())
    #expect(try connection.first("SELECT a FROM t") == .text("new"))
    try connection.dropScratch(url, operation: .init())
  }

  @Test func `no database but a scratch of this one is dropped or put in its place`() throws {
    let (sample, other) = (try Sample("CREATE TABLE t (a int)"), try Sample("CREATE TABLE t (a int)"))
    let connection = try sample.connect()
    for url in [sample.url, other.url, "mariadb://root@localhost/mysql", "nonsense"] {
      #expect(try failure { try connection.dropScratch(url, operation: .init()) }.code == .invalid)
      #expect(try failure { try connection.promote(url, operation: .init()) }.code == .invalid)
    }
    #expect(try other.client("SHOW TABLES") == "t")
  }
}
