import BelayDrivers
import DriverTesting
import Foundation
import Testing

@Suite("Statements of an archive of MariaDB")
struct ArchivedTests {
  private static let kinds = [
    "table", "sequence", "foreign_key", "view", "trigger", "procedure", "function", "event", "package", "package_body",
    "rows", "column", "index", "", "x",
  ]

  private static let museum = """
    CREATE SEQUENCE numbers START WITH 5;
    CREATE TABLE parent (id int PRIMARY KEY AUTO_INCREMENT, name varchar(20) DEFAULT 'it''s; \\\\' COMMENT 'a; b /* c */',
      packed text COMPRESSED, twice int AS (id * 2) VIRTUAL, n int DEFAULT nextval(numbers), at timestamp NULL,
      g geometry, CHECK (name <> 'select'), KEY (name)) COMMENT='é DIRECTORY';
    CREATE TABLE `odd ``na"me é` (`select` int, `load_file` int DEFAULT 3, UNIQUE KEY `union` (`select`))
      PARTITION BY LIST (`select`) (PARTITION a VALUES IN (1, 2), PARTITION b VALUES IN (3));
    CREATE TABLE child (id int, p int, q int, CONSTRAINT of_p FOREIGN KEY (p) REFERENCES parent(id) ON DELETE CASCADE,
      CONSTRAINT `of,q` FOREIGN KEY (q) REFERENCES parent(id));
    CREATE TABLE kept (id int, v int) WITH SYSTEM VERSIONING;
    CREATE VIEW v AS SELECT name, 'é' AS e FROM parent;
    CREATE VIEW w AS SELECT name FROM v UNION SELECT 'x;';
    DELIMITER //
    CREATE TRIGGER IF NOT EXISTS g BEFORE INSERT ON parent FOR EACH ROW BEGIN /*!50000 SET @a = 1; */ SET @b = 'é'; END//
    CREATE PROCEDURE p(IN a int) BEGIN -- a comment; with a semicolon
      SELECT 1; SELECT LOAD_FILE('/etc/passwd'); END//
    CREATE FUNCTION f() RETURNS int DETERMINISTIC RETURN 1//
    CREATE AGGREGATE FUNCTION total(x int) RETURNS int BEGIN DECLARE s int DEFAULT 0;
      DECLARE CONTINUE HANDLER FOR NOT FOUND RETURN s; LOOP FETCH GROUP NEXT ROW; SET s = s + x; END LOOP; END//
    CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM child//
    DELIMITER ;
    """

  @Test func `that the catalog writes are run, for every kind of object`() throws {
    let sample = try Sample(Self.museum)
    let from = try sample.connect()
    defer { from.close() }
    let objects = try from.catalog(operation: Operation()).objects
    #expect(Set(objects.filter { !$0.ddl.isEmpty }.map(\.kind)).count >= 8)
    let other = try Sample("")
    let into = try other.connect()
    defer { into.close() }
    for object in objects where !object.ddl.isEmpty {
      #expect(throws: Never.self, "\(object.ddl)") {
        try into.executeArchived(object.ddl, kind: object.kind, operation: Operation())
      }
    }
    let made = try into.catalog(operation: Operation()).objects
    #expect(
      made.map { "\($0.kind) \($0.name) \($0.definition)" } == objects.map { "\($0.kind) \($0.name) \($0.definition)" })
    // Under another kind's name none of them runs.
    for object in objects where !object.ddl.isEmpty {
      for kind in Self.kinds where kind != object.kind {
        #expect(
          try failure { try into.executeArchived(object.ddl, kind: kind, operation: Operation()) }.code == .invalid)
      }
    }
  }

  /// What an archive of a stranger could hold under any kind.
  static let foreign = [
    "DROP TABLE t", "DELETE FROM t", "DROP DATABASE VICTIM", "CREATE DATABASE x", "GRANT ALL ON *.* TO x",
    "SET GLOBAL general_log = 1", "SET PASSWORD = 'x'", "SET SESSION sql_log_bin = 0", "SET @@global.read_only = 1",
    "SET SESSION sql_mode = (SELECT 1)", "SET @belay_ddl_mode = 'ANSI_QUOTES'",
    "SET SESSION sql_mode = @belay_ddl_mode",
    "SET SESSION character_set_client = gbk; CREATE TABLE x (a int DEFAULT 'é')",
    "CREATE TABLE VICTIM.x (a int)", "CREATE TABLE x LIKE VICTIM.t", "CREATE TABLE `x` (LIKE `VICTIM`.`t`)",
    "CREATE TABLE `x` AS SELECT LOAD_FILE('/etc/passwd')", "CREATE TABLE `x` (a int) SELECT 1 AS b",
    "CREATE TABLE `x` (a int) VALUES (1)", "CREATE TABLE `x` (a int) DATA DIRECTORY='/tmp'",
    "CREATE TABLE `x` (a text DEFAULT LOAD_FILE('/etc/passwd'))",
    "CREATE TABLE `x` (a int) ENGINE=FEDERATED CONNECTION='mysql://h/d/t'", "CREATE TABLE `x` (a int) ENGINE=CONNECT",
    "CREATE TABLE `x` (a int) ENGINE=MERGE UNION=(VICTIM.t)", "CREATE TABLE `x` (a int DEFAULT nextval(`VICTIM`.`s`))",
    "CREATE OR REPLACE TABLE `t` (a int)", "CREATE TEMPORARY TABLE `x` (a int)",
    "CREATE TABLE IF NOT EXISTS `t` (a int)",
    "CREATE TABLE `x` (a int); DROP TABLE t", "CREATE TABLE `x` (a int) /*!99999 , b int */ ; DROP TABLE t",
    "CREATE /*!50000 TABLE `x` (a int) SELECT 1 AS */ b", "/*!50000 DROP TABLE t */", "/*M!100000 DROP TABLE t */",
    "SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES'; CREATE TABLE `x` (a text DEFAULT 'b\\'); DROP TABLE t; -- ')",
    "EXECUTE IMMEDIATE 'CREATE TRIGGER g BEFORE INSERT ON VICTIM.t FOR EACH ROW SET @a = 1'",
    "EXECUTE IMMEDIATE 'DROP TABLE t'", "EXECUTE IMMEDIATE _utf8mb4 X'44524f50205441424c452074'",
    "EXECUTE IMMEDIATE CONCAT('CREATE TABLE `x` (a int)', (SELECT 1))", "EXECUTE IMMEDIATE @a",
    "EXECUTE IMMEDIATE 'CREATE /* PROCEDURE `p` */ TABLE x (a int)'",
    "EXECUTE IMMEDIATE 'CREATE /*!99999 PROCEDURE `p` */ DATABASE x'",
    "EXECUTE IMMEDIATE 'CREATE PROCEDURE `VICTIM`.`p`() SELECT 1'",
    "EXECUTE IMMEDIATE 'CREATE TRIGGER `g` BEFORE INSERT ON `VICTIM`.`t` FOR EACH ROW SET @a = 1'",
    "EXECUTE IMMEDIATE 'CREATE OR REPLACE PROCEDURE `p`() SELECT 1'",
    "CREATE USER x", "CREATE SERVER s FOREIGN DATA WRAPPER mysql OPTIONS (HOST 'h')",
    "CREATE FUNCTION f RETURNS int SONAME 'x.so'",
    "ALTER TABLE `t` RENAME `u`", "ALTER TABLE `t` ADD CONSTRAINT `c` CHECK (a > 0)",
    "ALTER TABLE `t` ADD CONSTRAINT `k` FOREIGN KEY (a) REFERENCES t(a), DROP COLUMN a",
    "DO SETVAL(`VICTIM`.`s`, 5, 0)", "DO SLEEP(100)", "DO SETVAL(`s`, LOAD_FILE('x'), 0)",
    "INSERT INTO `t` SELECT 1", "INSERT INTO `t` (a) SELECT 1", "INSERT INTO `VICTIM`.`t` (a) VALUES (1)",
    "INSERT INTO `t` (a) VALUES (LOAD_FILE('/etc/passwd'))", "INSERT INTO `t` (a) VALUES ((SELECT 1))",
    "INSERT INTO `t` (a) VALUES (1) ON DUPLICATE KEY UPDATE a = 2", "INSERT INTO `t` (a) VALUES (@@version)",
    "REPLACE INTO `t` (a) VALUES (1)", "LOAD DATA INFILE '/etc/passwd' INTO TABLE t", "SELECT 1 INTO OUTFILE '/tmp/x'",
    "CALL p()", "HANDLER t OPEN", "LOCK TABLES t WRITE", "BEGIN", "COMMIT", "USE VICTIM", "'unclosed",
    "/* unclosed */ DROP TABLE t",
  ]

  @Test func `that would reach anything else are refused under every kind, before any of them runs`() throws {
    let sample = try Sample("CREATE TABLE t (a int); INSERT INTO t VALUES (1), (2)")
    let victim = try Sample("CREATE TABLE t (a int); CREATE SEQUENCE s")
    let connection = try sample.connect()
    defer { connection.close() }
    let before = (try sample.server.dump(sample.name), try sample.server.dump(victim.name))
    for sql in Self.foreign {
      let text = sql.replacing("VICTIM", with: victim.name)
      for kind in Self.kinds {
        do throws(DriverError) {
          try connection.executeArchived(text, kind: kind, operation: Operation())
          Issue.record("\(kind): \(sql) ran")
        } catch {
          #expect(error.code == .invalid, "\(kind): \(sql): \(error)")
        }
      }
    }
    #expect(try sample.server.dump(sample.name) == before.0)
    #expect(try sample.server.dump(victim.name) == before.1)
  }
}
