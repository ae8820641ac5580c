import BelayDrivers
import DriverTesting
import Foundation
import Testing

struct CheckTests {
  static let family = """
    CREATE TABLE parents(id INTEGER PRIMARY KEY, name); CREATE INDEX parents_name ON parents(name);
    CREATE TABLE children(id INTEGER PRIMARY KEY, parent REFERENCES parents(id) ON DELETE CASCADE);
    CREATE TRIGGER watch AFTER INSERT ON parents BEGIN SELECT 1; END;
    INSERT INTO parents VALUES(1,'a'); INSERT INTO children VALUES(10,1),(11,NULL);
    """

  @Test("a sound database has no findings, in depth or not", arguments: [true, false])
  func sound(_ full: Bool) throws {
    let findings = try Sample(Self.family).connect().integrity(full: full, operation: Operation())
    #expect(findings?.isEmpty == true)
  }

  @Test("a foreign key without its row is found, also inside the transaction that broke it")
  func foreignKey() throws {
    let sample = try Sample(Self.family)
    defer { sample.keep() }
    let connection = try sample.connect(["foreign_keys": "0"])
    try connection.run("BEGIN; INSERT INTO children VALUES(12, 99)")
    let findings = try #require(try connection.integrity(full: false, operation: Operation()))
    #expect(findings.map(\.check) == ["foreign_key"])
    #expect(findings.map(\.object) == ["children"])
    #expect(findings.map(\.identity) == ["rowid 12"])
    #expect(findings.map(\.message) == ["parent refers to a row that does not exist in parents"])
    try connection.run("ROLLBACK")
    #expect(try connection.integrity(full: false, operation: Operation())?.isEmpty == true)
  }

  @Test("an index that disagrees with its table is found in depth")
  func index() throws {
    let sample = try Sample(Self.family)
    try Shell.run(
      sample.path,
      """
      .dbconfig defensive off
      PRAGMA writable_schema=ON;
      UPDATE sqlite_schema SET sql='CREATE INDEX parents_name ON parents(-id)' WHERE name='parents_name';
      """)
    let findings = try sample.connect().integrity(full: true, operation: Operation())
    #expect(findings?.first?.check == "integrity_check")
    #expect(findings?.first?.object == "parents_name")
  }

  /// A script and the rules that find something in it, by line.
  static let lint: [(String, [String])] = [
    ("UPDATE parents SET name = 1", ["1 no-where"]),
    ("WITH x AS (SELECT 1 WHERE 1)\nDELETE FROM parents", ["1 no-where"]),
    ("UPDATE parents SET name = 1 WHERE id = 2", []),
    ("DROP TABLE children", ["1 drop-table"]),
    ("DROP TABLE IF EXISTS parents", ["1 drop-table", "1 drop-cascades"]),
    ("PRAGMA foreign_keys=OFF; DROP TABLE parents", ["1 drop-table"]),
    (
      "SELECT 1;\nPRAGMA foreign_keys=OFF;\nDROP TABLE parents",
      ["2 foreign-keys-ignored", "3 drop-table", "3 drop-cascades"]
    ),
    ("ALTER TABLE parents DROP COLUMN name", ["1 drop-column"]),
    ("ALTER TABLE parents ADD COLUMN x", []),
    (
      """
      PRAGMA foreign_keys=OFF;
      CREATE TABLE n(id INTEGER PRIMARY KEY, name TEXT);
      INSERT INTO n SELECT * FROM parents;
      DROP TABLE parents;
      ALTER TABLE n RENAME TO parents;
      CREATE TRIGGER watch AFTER INSERT ON parents BEGIN SELECT 1; END;
      PRAGMA foreign_keys=ON;
      """, ["3 insert-select-star", "4 rebuild-loses"]
    ),
  ]

  @Test("the linter finds what goes wrong without an error", arguments: lint)
  func linter(_ script: String, _ expected: [String]) throws {
    let findings = try #require(try Sample(Self.family).connect().lint(script, operation: Operation()))
    #expect(findings.map { "\($0.line) \($0.rule)" } == expected)
    #expect(findings.allSatisfy { $0.severity == .warning })
  }

  @Test("a plan says which tables are scanned completely")
  func explain() throws {
    let sample = try Sample(Self.family)
    defer { sample.keep() }
    let connection = try sample.connect()
    let scan = try #require(try connection.explain("SELECT * FROM children", operation: Operation()))
    #expect(scan.map(\.table) == ["children"])
    #expect(scan.map(\.isFullScan) == [true])
    let search = try #require(
      try connection.explain("SELECT * FROM parents WHERE name = 'a'", operation: Operation()))
    #expect(search.map(\.isFullScan) == [false])
    let two = #expect(throws: DriverError.self) {
      try connection.explain("SELECT 1; DELETE FROM parents", operation: Operation())
    }
    #expect(two?.code == .invalid)
    #expect(try connection.first("SELECT count(*) FROM parents") == .integer(1))
  }
}
