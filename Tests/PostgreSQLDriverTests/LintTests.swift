import BelayDrivers
import DriverTesting
import Testing

@Suite struct LintTests {
  static let schema = """
    CREATE TYPE mood AS ENUM ('ok'); CREATE TABLE parents(id int PRIMARY KEY);
    CREATE TABLE small(id int PRIMARY KEY, name varchar(10), at timestamp(3), n numeric(10,2)); INSERT INTO small VALUES (1);
    CREATE TABLE big(id int PRIMARY KEY, name varchar(10), code text, checked int CHECK (checked IS NOT NULL),
      n numeric(10,2), at timestamp(3), parent int, feeling mood);
    INSERT INTO big SELECT g, 'x', 'y', 1, 1, now(), NULL, 'ok' FROM generate_series(1, 12000) g;
    CREATE TABLE parted(a int) PARTITION BY RANGE (a); CREATE TABLE part PARTITION OF parted FOR VALUES FROM (0) TO (99999);
    INSERT INTO parted SELECT g FROM generate_series(1, 12000) g;
    CREATE MATERIALIZED VIEW mat AS SELECT * FROM big;
    CREATE FUNCTION vol() RETURNS int LANGUAGE plpgsql AS 'BEGIN RETURN 1; END'; ANALYZE;
    """

  /// A script and the rules that find something in it, by line.
  static let cases: [(String, [String])] = [
    ("CREATE INDEX i ON big(code)", ["1 create-index"]), ("CREATE INDEX i ON small(id)", []),
    ("CREATE INDEX i ON parted(a)", ["1 create-index"]),
    ("CREATE TABLE t(a int); CREATE INDEX i ON t(a)", []),
    ("-- belay: no-transaction\nCREATE INDEX CONCURRENTLY i ON big(code)", []),
    (
      "-- belay: no-transaction\nCREATE INDEX CONCURRENTLY i ON big(code);\nDROP INDEX CONCURRENTLY big_pkey",
      ["3 several-concurrently"]
    ),
    (
      "-- belay: no-transaction\nCREATE INDEX CONCURRENTLY IF NOT EXISTS i ON big(code)",
      ["2 concurrently-if-not-exists"]
    ),
    ("ALTER TABLE big ADD COLUMN x int", []), ("ALTER TABLE big ADD COLUMN x int NOT NULL DEFAULT 1", []),
    ("ALTER TABLE big ADD COLUMN x timestamptz DEFAULT now()", []),
    ("ALTER TABLE big ADD COLUMN x uuid DEFAULT gen_random_uuid()", ["1 add-column-rewrites"]),
    ("ALTER TABLE big ADD COLUMN x int DEFAULT vol()", ["1 add-column-rewrites"]),
    ("ALTER TABLE big ADD COLUMN x serial", ["1 add-column-rewrites"]),
    ("ALTER TABLE big ADD COLUMN x int GENERATED ALWAYS AS (id + 1) STORED", ["1 add-column-rewrites"]),
    ("ALTER TABLE small ADD COLUMN x uuid DEFAULT gen_random_uuid()", []),
    ("ALTER TABLE small ADD COLUMN x int NOT NULL", ["1 add-column-not-null"]),
    ("ALTER TABLE parents ADD COLUMN x int NOT NULL", []),
    ("ALTER TABLE big ALTER name TYPE varchar(20)", []), ("ALTER TABLE big ALTER name TYPE text", []),
    ("ALTER TABLE big ALTER code TYPE varchar", []), ("ALTER TABLE big ALTER n TYPE numeric(12,2)", []),
    ("ALTER TABLE big ALTER at TYPE timestamp", []), ("ALTER TABLE big ALTER at TYPE timestamp(6)", []),
    ("ALTER TABLE big ALTER name TYPE varchar(5)", ["1 change-type"]),
    ("ALTER TABLE big ALTER code TYPE varchar(5)", ["1 change-type"]),
    ("ALTER TABLE big ALTER n TYPE numeric(12,3)", ["1 change-type"]),
    ("ALTER TABLE big ALTER id TYPE bigint", ["1 change-type"]),
    ("ALTER TABLE big ALTER at TYPE timestamptz", ["1 change-type"]), ("ALTER TABLE small ALTER id TYPE bigint", []),
    ("ALTER TABLE big ALTER code SET NOT NULL", ["1 set-not-null"]), ("ALTER TABLE big ALTER id SET NOT NULL", []),
    ("ALTER TABLE big ALTER checked SET NOT NULL", []), ("ALTER TABLE small ALTER name SET NOT NULL", []),
    ("ALTER TABLE big ADD FOREIGN KEY (parent) REFERENCES parents", ["1 add-foreign-key"]),
    ("ALTER TABLE big ADD CONSTRAINT f FOREIGN KEY (parent) REFERENCES parents NOT VALID", []),
    (
      "ALTER TABLE big ADD CONSTRAINT f FOREIGN KEY (parent) REFERENCES parents NOT VALID;\nALTER TABLE big VALIDATE CONSTRAINT f",
      ["2 validate-same-transaction"]
    ),
    ("ALTER TABLE big ADD CHECK (n > 0)", ["1 add-check"]), ("ALTER TABLE big ADD CHECK (n > 0) NOT VALID", []),
    ("ALTER TABLE big ADD UNIQUE (code)", ["1 add-unique"]), ("ALTER TABLE big SET UNLOGGED", ["1 rewrite"]),
    ("ALTER TABLE small DROP COLUMN name", ["1 drop-column"]),
    ("ALTER TABLE small DROP COLUMN name CASCADE", ["1 drop-column", "1 drop-cascade"]),
    ("ALTER TABLE small RENAME name TO called", ["1 rename-column"]),
    ("ALTER TABLE small RENAME TO tiny", ["1 rename-table"]),
    ("DROP TABLE small", ["1 drop-table"]), ("DROP TABLE parents CASCADE", ["1 drop-cascade", "1 drop-table"]),
    ("CREATE TABLE t(a int); ALTER TABLE t RENAME a TO b; DROP TABLE t", []),
    ("UPDATE small SET name = 'x'", ["1 no-where"]), ("DELETE FROM small", ["1 no-where"]),
    ("UPDATE small SET name = 'x' FROM big WHERE small.id = big.id", []), ("DELETE FROM small WHERE id = 1", []),
    ("CREATE TABLE t AS SELECT 1 AS a; UPDATE t SET a = 2", []), ("TRUNCATE parents CASCADE", ["1 truncate-cascade"]),
    ("ALTER TYPE mood ADD VALUE 'sad'", ["1 enum-value"]),
    ("-- belay: no-transaction\nALTER TYPE mood ADD VALUE 'sad'; SELECT 'sad'::mood", []),
    (
      "ALTER TYPE mood ADD VALUE 'sad';\nUPDATE big SET feeling = 'sad' WHERE id = 1",
      ["1 enum-value", "2 enum-value-used warning"]
    ),
    ("ALTER TYPE mood ADD VALUE 'sad';\nSELECT 'sad'::mood", ["1 enum-value", "2 enum-value-used error"]),
    ("CREATE TYPE m AS ENUM ('a'); ALTER TYPE mood RENAME VALUE 'ok' TO 'fine'; SELECT 'fine'::mood", []),
    ("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE", ["1 set-transaction error"]),
    ("-- belay: no-transaction\nSET TRANSACTION ISOLATION LEVEL SERIALIZABLE", ["2 set-transaction"]),
    ("SET session_replication_role = replica", ["1 triggers-off"]), ("SET work_mem = '1MB'", []),
    ("ALTER TABLE small DISABLE TRIGGER ALL", ["1 triggers-off"]),
    ("REFRESH MATERIALIZED VIEW mat", ["1 refresh-view"]), ("REFRESH MATERIALIZED VIEW CONCURRENTLY mat", []),
    ("REINDEX TABLE big", ["1 reindex"]), ("REINDEX INDEX small_pkey", []),
    ("-- belay: no-transaction\nVACUUM FULL big", ["2 vacuum-full"]),
    // What the host says by itself.
    ("BEGIN; COMMIT; \\i x\nVACUUM; SELEC 1", []),
  ]

  private static let sample = Result { try Sample(schema) }

  @Test func `the linter finds what keeps others waiting, and what goes wrong without an error`() throws {
    let connection = try Self.sample.get().connect()
    defer { connection.close() }
    for (script, expected) in Self.cases {
      let findings = try #require(try connection.lint(script, operation: Operation()))
      let found = findings.map { finding in
        let tellsSeverity = finding.severity == .error || finding.rule == "enum-value-used"
        return "\(finding.line) \(finding.rule)\(tellsSeverity ? " \(finding.severity.rawValue)" : "")"
      }
      #expect(found == expected, "\(script)")
      for finding in findings {
        #expect(finding.message.first?.isPunctuation == true || finding.message.last != ".", "\(finding.message)")
      }
    }
  }

  @Test func `a type change that counts as keeping the rows does keep them`() throws {
    let connection = try Self.sample.get().connect()
    defer { connection.close() }
    let changes =
      Self.cases.map(\.0).filter { $0.hasPrefix("ALTER TABLE big ALTER") && $0.contains(" TYPE ") }
      + Self.cases.map(\.0).filter { $0.hasPrefix("ALTER TABLE big ADD COLUMN") }
    #expect(changes.count > 12)
    for change in changes {
      // With UTC for the time zone, the server spares itself the work between timestamps with and without one.
      try connection.run("BEGIN; SET LOCAL TimeZone = 'Asia/Tokyo'; DROP MATERIALIZED VIEW mat")
      let before = try connection.first("SELECT pg_relation_filenode('big')")
      try connection.run(change)
      let isRewritten = try connection.first("SELECT pg_relation_filenode('big')") != before
      try connection.run("ROLLBACK")
      let isTold = Self.cases.contains { $0.0 == change && !$0.1.isEmpty }
      // A shorter varchar is checked row by row, without being rewritten.
      #expect(isRewritten == isTold || (isTold && change.contains("varchar(5)")), "\(change)")
    }
  }
}
