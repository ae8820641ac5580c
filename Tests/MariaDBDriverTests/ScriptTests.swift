import BelayDrivers
import DriverTesting
import Testing

/// Where statements end, and what they write.
@Suite struct ScriptTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let sql: String
    /// "table t insert update", in the order of names.
    var writes: [String]
    var flags: StatementFlags
    var testDescription: String { sql }
    init(_ sql: String, _ writes: [String] = [], _ flags: StatementFlags = []) {
      (self.sql, self.writes, self.flags) = (sql, writes, flags)
    }
  }

  static let schema = """
    CREATE TABLE t (a int, b int, c int, KEY by_a (a), KEY by_ab (a, b));
    CREATE TABLE u (a int);
    CREATE VIEW v AS SELECT a FROM t;
    """

  static let cases = [
    Case("SELECT 1 FROM t; -- end"), Case("(SELECT 1) UNION (SELECT 2)"), Case("WITH x AS (SELECT 1) SELECT * FROM x"),
    Case("INSERT LOW_PRIORITY IGNORE INTO t (a) VALUES (1)", ["table t insert"]),
    Case("INSERT t VALUES (1,2,3) ON DUPLICATE KEY UPDATE a = 2", ["table t insert update"]),
    Case("REPLACE INTO `t` SELECT 1,2,3", ["table t insert delete"]),
    Case("UPDATE t SET a = 1 WHERE b IN (SELECT a FROM u)", ["table t update"]),
    Case("UPDATE t x JOIN u AS y ON x.a = y.a SET y.a = 1, x.b = (SELECT 2)", ["table t update", "table u update"]),
    Case("UPDATE t, u SET t.a = u.a", ["table t update"]),
    Case("UPDATE t INNER JOIN (SELECT a FROM u) z USING (a) SET t.b = 1", ["table t update"]),
    Case("DELETE FROM t WHERE a = 1 ORDER BY b LIMIT 1", ["table t delete"]),
    Case("DELETE x FROM t AS x JOIN u ON u.a = x.a", ["table t delete"]),
    Case("DELETE FROM t, u USING t JOIN u", ["table t delete", "table u delete"]),
    Case("TRUNCATE t", ["table t delete"]),
    Case("LOAD DATA INFILE 'x' REPLACE INTO TABLE t", ["table t insert delete"]),
    Case("CREATE OR REPLACE TABLE n LIKE t", ["table n create drop"]),
    Case("CREATE TABLE n AS SELECT * FROM t", ["table n insert create"]), Case("CREATE TEMPORARY TABLE n (a int)"),
    Case("CREATE UNIQUE INDEX IF NOT EXISTS i USING BTREE ON t (a)", ["index t.i create"]),
    Case("CREATE DEFINER=`a`@`b` SQL SECURITY INVOKER VIEW w AS SELECT 1", ["view w create"]),
    Case(
      "ALTER TABLE t ADD COLUMN d int DEFAULT 1, ADD INDEX i (d), ADD UNIQUE KEY j (a, b)",
      [
        "index t.i create", "index t.j create", "table t alter",
      ]),
    Case(
      "ALTER TABLE t DROP a, DROP COLUMN b",
      [
        "column t.a drop", "column t.b drop", "index t.by_a drop", "index t.by_ab drop", "table t alter",
      ]),
    Case("ALTER TABLE t DROP COLUMN a", ["column t.a drop", "index t.by_a drop", "table t alter"]),
    Case(
      "ALTER TABLE t DROP INDEX by_a, DROP PRIMARY KEY, DROP FOREIGN KEY f",
      [
        "foreign_key t.f drop", "index t.PRIMARY drop", "index t.by_a drop", "table t alter",
      ]),
    Case("ALTER TABLE t RENAME TO t2", ["table t drop alter", "table t2 create alter"]),
    Case(
      "ALTER TABLE t RENAME INDEX by_a TO by_x, ENGINE = InnoDB",
      [
        "index t.by_a drop alter", "index t.by_x create alter", "table t alter",
      ]),
    Case("RENAME TABLE t TO x, u TO t", ["table t create drop alter", "table u drop alter", "table x create alter"]),
    Case("DROP TABLE IF EXISTS t, u", ["table t drop", "table u drop"]),
    Case("DROP INDEX by_a ON t", ["index t.by_a drop"]),
    Case("/*!40101 DROP TABLE t */", ["table t drop"]), Case("/*M!999999 DROP TABLE t */ SELECT 1"),
    Case("/*!50701 DROP TABLE t */ SELECT 1"),
    Case("SET @x = 1"), Case("SET GLOBAL max_connections = 5", [], .unread),
    Case("BEGIN", [], .opensTransaction), Case("COMMIT", [], .endsTransaction),
    Case("LOCK TABLES t WRITE", [], .opensTransaction), Case("USE mysql", [], .client),
    Case("CALL p()", [], .unread), Case("INSERT INTO v VALUES (1)", ["table v insert"], .unread),
    Case("DELETE FROM mysql.user", [], .unread), Case("DROP DATABASE x", [], .unread),
    Case("GRANT ALL ON *.* TO x", [], .unread), Case("SELEKT 1", [], .unread),
    Case(
      """
      CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN
        IF NEW.a = 1 THEN SET NEW.b = IF(NEW.a, 1, 2); ELSEIF NEW.a = 2 THEN SET NEW.b = 3; END IF;
        CASE NEW.a WHEN 1 THEN SET @a = CASE 1 WHEN 1 THEN 2 END; ELSE SET @a = ';'; END CASE;
        x: LOOP LEAVE x; END LOOP; WHILE 0 DO SET @b = REPEAT('x', 2); END WHILE;
      END
      """, ["trigger t.g create"]),
    Case("CREATE PROCEDURE p() IF 1 THEN SELECT 1; SELECT 2; END IF", ["procedure p create"]),
  ]

  private static let actions: [(WriteActions, String)] = [
    (.insert, "insert"), (.update, "update"), (.delete, "delete"), (.create, "create"), (.drop, "drop"),
    (.alter, "alter"),
  ]

  private func words(_ write: ScriptWrite) -> String {
    ([write.kind, write.parent.isEmpty ? write.name : "\(write.parent).\(write.name)"]
      + Self.actions.filter { write.actions.contains($0.0) }.map(\.1)).joined(separator: " ")
  }

  @Test func `each statement has its position, and what it names and writes`() throws {
    let sample = try Sample(Self.schema)
    let connection = try sample.connect()
    let before = try sample.server.dump(sample.name)
    for each in Self.cases {
      let script = "# first\n SELECT 'a;\\';';\n\(each.sql)\n;;SELECT 2"
      let found = try connection.split(script, operation: .init())
      try #require(found.count == 3, "\(each.sql): \(found.map(\.sql))")
      #expect(each.sql.contains(found[1].sql), "\(found[1].sql)")
      #expect(found[1].writes.map(words).sorted() == each.writes, "\(each.sql)")
      #expect(found[1].flags == each.flags, "\(each.sql): \(found[1].note ?? "")")
      #expect(found[1].flags.isDisjoint(with: [.unread, .client]) == (found[1].note == nil), "\(each.sql)")
      #expect(found[1].line == 3)
    }
    #expect(try sample.server.dump(sample.name) == before)
  }

  @Test func `DELIMITER changes where statements end, also to more than one character`() throws {
    let connection = try Sample().connect()
    let script = """
      delimiter //
      CREATE PROCEDURE p() BEGIN SELECT 1; SELECT '//'; END//
      DELIMITER $$
      SELECT 1; SELECT 2 $$
      DELIMITER ;
      SELECT 3;
      """
    let found = try connection.split(script, operation: .init())
    #expect(
      found.map(\.sql) == [
        "CREATE PROCEDURE p() BEGIN SELECT 1; SELECT '//'; END", "SELECT 1; SELECT 2", "SELECT 3",
      ])
    #expect(found.map(\.line) == [2, 4, 6])
  }

  @Test func `a dump of mariadb-dump is read and runs, statement by statement`() throws {
    let sample = try Sample(
      """
      CREATE TABLE t (id int PRIMARY KEY, note text COMMENT 'it''s; a \\\\');
      INSERT INTO t VALUES (1, 'a;\\'b\\n'), (2, NULL);
      CREATE VIEW v AS SELECT id FROM t;
      DELIMITER //
      CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW BEGIN SET NEW.note = ';'; END//
      CREATE FUNCTION f() RETURNS int DETERMINISTIC BEGIN DECLARE x int; SET x = 1; RETURN x; END//
      DELIMITER ;
      """)
    let text = try sample.server.run(
      "mariadb-dump", ["--user=root", "--routines", "--skip-add-locks", "--", sample.name], "")
    let copy = try Sample()
    let connection = try copy.connect()
    for statement in try connection.split(text, operation: .init()) { try connection.run(statement.sql) }
    #expect(try copy.server.dump(copy.name) == sample.server.dump(sample.name))
  }

  /// The columns that get the value of an expression, or nil where that is not told; of the last statement.
  static let expressions: [(String, [String]?)] = [
    ("INSERT INTO t VALUES (1, 2, 3)", []), ("INSERT INTO t SET a = b + 1", []), ("INSERT t VALUE (1, 2, 3)", []),
    ("INSERT INTO t (a, b) SELECT a, b + 1 FROM u", ["b"]), ("INSERT INTO t (a, b) SELECT 1, 2", []),
    ("INSERT INTO t (a, b) SELECT x.a AS b, `a` c FROM u AS x WHERE a = (SELECT 1)", []),
    ("INSERT INTO t (a, b, c) SELECT NULL, DATE '2020-01-01', _utf8mb4 'x' FROM u", ["a", "b", "c"]),
    ("INSERT INTO t (a, b, c) SELECT 1, BINARY a, NOT a FROM u", ["a", "b", "c"]),
    ("REPLACE INTO t (a, b) SELECT DISTINCT SQL_NO_CACHE a, coalesce(a, 1) FROM u ORDER BY a LIMIT 5", ["b"]),
    ("INSERT INTO t SELECT a, a, 1 FROM u", nil), ("INSERT INTO t (a) SELECT u.a FROM u, t", nil),
    ("INSERT INTO t (a) SELECT a FROM u UNION SELECT 1", nil),
    ("INSERT INTO t (a) SELECT x.a FROM (SELECT 1 a) x", nil),
    ("INSERT INTO t (a) SELECT a FROM u ON DUPLICATE KEY UPDATE b = 1", nil),
    ("INSERT INTO t (a) WITH x AS (SELECT 1 a) SELECT a FROM x", nil), ("INSERT INTO t (a) (SELECT a FROM u)", nil),
    ("UPDATE t SET a = b, `t`.c = 1 WHERE a IN (SELECT a FROM u)", ["a", "c"]), ("UPDATE t, u SET t.a = 1", nil),
    ("UPDATE t JOIN u USING (a) SET t.b = 1", nil), ("DELETE FROM t", nil), ("CREATE TABLE n SELECT * FROM t", nil),
    ("CREATE TABLE n (a int, `b` int, PRIMARY KEY (a)); INSERT INTO n SELECT a, a + 1 FROM u", ["b"]),
    ("CREATE TABLE n (a int, b int, c int, CHECK (a > 0)); INSERT INTO n SELECT *, 7 FROM u", ["c"]),
    ("CREATE TABLE n (a int, b int); INSERT INTO n SELECT u.*, 7 FROM u", ["b"]),
    ("CREATE TABLE n (a int, b int); INSERT INTO n SELECT a FROM u", nil),
    ("CREATE TABLE n (a int, b int AS (a)); INSERT INTO n SELECT a, 1 FROM u", nil),
    ("CREATE TABLE n (a int, b int INVISIBLE); INSERT INTO n SELECT a FROM u", nil),
    ("CREATE TABLE n (a int, b int); ALTER TABLE n ADD c int FIRST; INSERT INTO n SELECT a, 1 FROM u", nil),
    ("CREATE TABLE n (a int); DROP TABLE n; INSERT INTO n SELECT a FROM u", nil),
    ("CREATE TABLE n (a int) SELECT 1 AS b; INSERT INTO n SELECT a, 1 FROM u", nil),
    ("CREATE TABLE n LIKE t; INSERT INTO n SELECT a, 1, 2 FROM u", nil),
  ]

  @Test(arguments: expressions)
  func `which columns get the value of an expression is told where there is no doubt`(
    _ sql: String, _ expected: [String]?
  ) throws {
    let sample = try Sample(Self.schema)
    let connection = try sample.connect()
    defer { connection.close() }
    let last = try #require(try connection.split(sql, operation: .init()).last)
    #expect(last.computed?.map(\.name).sorted() == expected?.sorted())
  }
}
