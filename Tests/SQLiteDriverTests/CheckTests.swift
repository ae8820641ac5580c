import BelayDrivers
import CBelayDriver
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
    #expect(findings?.first?.check == "index")
    #expect(findings?.first?.object == "parents_name")
  }

  /// Schema and rows, then what is made of the schema behind SQLite's back, and the findings: check and object.
  static let contents: [(String, String, [String])] = [
    (
      "CREATE TABLE t(a, b); INSERT INTO t VALUES(NULL, 'x')",
      "UPDATE sqlite_schema SET sql='CREATE TABLE t(a NOT NULL, b CHECK(b <> ''x''))' WHERE name='t'",
      ["constraint t", "constraint t"]
    ),
    (
      "CREATE TABLE t(a); CREATE INDEX i ON t(a); INSERT INTO t VALUES(1), (1)",
      "UPDATE sqlite_schema SET sql='CREATE UNIQUE INDEX i ON t(a)' WHERE name='i'", ["constraint i"]
    ),
    ("CREATE TABLE p(id INT); CREATE TABLE c(p REFERENCES p(id)); INSERT INTO c VALUES(1)", "", ["definition c"]),
    (
      "CREATE TABLE c(p REFERENCES gone(id), q REFERENCES c); CREATE TABLE d(c REFERENCES e(x)); CREATE TABLE e(x PRIMARY KEY);"
        + " INSERT INTO d VALUES(7)", "", ["definition c", "definition c", "foreign_key d"]
    ),
    (
      "CREATE TABLE t(a); CREATE VIEW v AS SELECT b FROM t; CREATE VIEW w AS SELECT * FROM gone", "",
      ["definition v", "definition w"]
    ),
    (
      "CREATE TABLE t(a); CREATE TRIGGER r AFTER UPDATE ON t BEGIN INSERT INTO gone VALUES(1); END", "",
      ["definition r"]
    ),
    // Functions, modules and collations that are the application's own are no fault of the schema.
    (
      "CREATE TABLE t(a); CREATE VIEW v AS SELECT fx(a) FROM t; CREATE VIEW w AS SELECT * FROM series(1);"
        + " CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT fx(new.a); END", "", []
    ),
    (
      "CREATE TABLE m(u, g, PRIMARY KEY(g, u)) WITHOUT ROWID; INSERT INTO m VALUES(1, 2), (3, 4)", "", []
    ),
  ]

  @Test("what is wrong in the rows or the schema is told apart from damage", arguments: contents.indices)
  func content(_ index: Int) throws {
    let (schema, change, expected) = Self.contents[index]
    let sample = try Sample(schema)
    defer { sample.keep() }
    if !change.isEmpty { try Shell.run(sample.path, ".dbconfig defensive off\nPRAGMA writable_schema=ON;\n\(change);") }
    let connection = try sample.connect()
    for full in [true, false] {
      let findings = try #require(try connection.integrity(full: full, operation: Operation()))
      // What indexes hold is compared in depth only.
      let wanted = full ? expected : expected.filter { $0 != "constraint i" }
      #expect(findings.map { "\($0.check) \($0.object)" } == wanted, "\(findings)")
    }
  }

  @Test(
    "tables that need a missing collation or function are named, and everything else is checked and read",
    arguments: [
      "CREATE TABLE t(a COLLATE nocase); CREATE UNIQUE INDEX i ON t(a)",
      "CREATE TABLE t(a COLLATE nocase PRIMARY KEY) WITHOUT ROWID",
      "CREATE TABLE t(a); CREATE INDEX i ON t(abs(a))", "CREATE TABLE t(a); CREATE INDEX i ON t(a) WHERE abs(a) > 0",
      "CREATE TABLE t(a CHECK(abs(a) > 0))", "CREATE TABLE t(a, b AS (abs(a)) NOT NULL)",
      "CREATE TABLE t(a, b AS (abs(a)) STORED)",
    ])
  func missing(_ table: String) throws {
    let sample = try Sample(
      table
        + "; INSERT INTO t(a) VALUES(3), (1), (2); CREATE TABLE o(x, y); CREATE INDEX oi ON o(x); INSERT INTO o VALUES(NULL, 1)"
    )
    defer { sample.keep() }
    try Shell.run(
      sample.path,
      """
      .dbconfig defensive off
      PRAGMA writable_schema=ON;
      UPDATE sqlite_schema SET sql=replace(replace(sql, 'nocase', 'own_order'), 'abs(', 'own_function(')
        WHERE tbl_name='t';
      UPDATE sqlite_schema SET sql='CREATE TABLE o(x NOT NULL, y)' WHERE name='o';
      UPDATE sqlite_schema SET sql='CREATE INDEX oi ON o(y)' WHERE name='oi';
      """)
    let connection = try sample.connect()
    let preflight = try #require(try connection.preflight([], operation: Operation()))
    let isNeeded = !table.contains("STORED")
    #expect(preflight.map(\.rule) == (isNeeded ? ["unchecked"] : []), "\(preflight)")
    #expect(preflight.allSatisfy { $0.subject.contains("own_") && $0.message.contains("rows of t are compared") })
    let findings = try #require(try connection.integrity(full: true, operation: Operation()))
    #expect(
      Set(findings.map(\.check)) == ["constraint", "index"] && findings.allSatisfy { $0.object.hasPrefix("o") },
      "\(findings)")
    let catalog = try connection.catalog(operation: Operation())
    for (name, rows) in [("t", 3), ("o", 1)] {
      let read = try #require(catalog.tables.first { $0.name == name })
      var count = 0
      try connection.read(read, operation: Operation(), rows: { count += Int($0.nrows) })
      #expect(count == rows)
    }
    // Nothing stands in for it when a statement of a user needs it.
    if table.contains("UNIQUE") || table.contains("WITHOUT") {
      #expect(throws: DriverError.self) { try connection.run("INSERT INTO t(a) VALUES(9)") }
    }
    let script = try connection.split("UPDATE t SET a = 5; DELETE FROM o", operation: Operation())
    #expect(script.allSatisfy { $0.note == nil && $0.writes.count == 1 }, "\(script)")
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
    (
      """
      PRAGMA foreign_keys=OFF;
      CREATE TABLE n(id INTEGER PRIMARY KEY, parent);
      INSERT INTO n(id, parent) SELECT id, parent FROM children;
      DROP TABLE children;
      ALTER TABLE n RENAME TO children;
      """, ["4 rebuild-loses-constraint"]
    ),
    (
      """
      PRAGMA foreign_keys=OFF;
      CREATE TABLE n(id INTEGER PRIMARY KEY, name);
      INSERT INTO n(id) SELECT id FROM children;
      DROP TABLE children;
      ALTER TABLE n RENAME TO children;
      """, []
    ),
  ]

  /// What of them is no column, by line.
  static let quoted: [(String, [String])] = [
    ("UPDATE parents SET name = \"nmae\" WHERE id = 1", ["1 nmae"]),
    ("UPDATE parents SET name = \"name\" WHERE \"id\" = 1", []),
    ("INSERT INTO parents VALUES(9, \"x\")", ["1 x"]),
    (
      "CREATE TABLE n(a);\nINSERT INTO n SELECT \"id\" FROM parents;\nINSERT INTO n SELECT \"ids\" FROM parents",
      ["3 ids"]
    ),
    ("ALTER TABLE parents ADD COLUMN \"new\" TEXT;\nUPDATE parents SET name = \"new\" WHERE id = 1", []),
    ("CREATE TABLE n AS SELECT id, \"colour\" FROM parents", ["1 colour"]),
    ("SELECT 'nmae', [name], `id` FROM parents", []),
  ]

  @Test("names in double quotes that are no column are texts, and that is said", arguments: quoted)
  func doubleQuoted(_ script: String, _ expected: [String]) throws {
    let findings = try #require(try Sample(Self.family).connect().lint(script, operation: Operation()))
      .filter { $0.rule == "double-quoted-text" }
    #expect(findings.count == expected.count)
    for (finding, words) in zip(findings, expected) {
      let (line, name) = (words.prefix { $0 != " " }, words.split(separator: " ").last ?? "")
      #expect("\(finding.line)" == line && finding.message.contains("no column \"\(name)\""), "\(finding.message)")
    }
  }

  @Test("a rebuild that sets a counter back is found, unless the script sets it forth")
  func counter() throws {
    let sample = try Sample(
      "CREATE TABLE o(id INTEGER PRIMARY KEY AUTOINCREMENT, a); INSERT INTO o(a) VALUES (1), (2), (3);"
        + " DELETE FROM o WHERE id = 3;")
    let rebuild = """
      CREATE TABLE n(id INTEGER PRIMARY KEY AUTOINCREMENT, a); INSERT INTO n SELECT id, a FROM o;
      DROP TABLE o; ALTER TABLE n RENAME TO o;
      """
    func rules(_ script: String) throws -> [String] {
      try #require(try sample.connect().lint(script, operation: Operation())).map(\.rule)
        .filter { $0 == "rebuild-resets-counter" }
    }
    #expect(try rules(rebuild) == ["rebuild-resets-counter"])
    #expect(try rules(rebuild + "UPDATE sqlite_sequence SET seq = 3 WHERE name = 'o';") == [])
    try sample.connect().run("INSERT INTO o(a) VALUES (4)")
    #expect(try rules(rebuild) == [])
  }

  /// What a column had, and what the rebuild's new table makes of it.
  static let weakened: [(String, String, String)] = [
    ("a INT DEFAULT 5", "a INT", "the default of a"), ("a INT DEFAULT 5", "a INT DEFAULT 6", ""),
    ("a INT DEFAULT NULL", "a INT", ""), ("a TEXT COLLATE NOCASE", "a TEXT", "COLLATE NOCASE of a"),
    ("a TEXT COLLATE NOCASE", "a TEXT COLLATE nocase", ""), ("a TEXT", "a TEXT COLLATE BINARY", ""),
    ("a INT REFERENCES p ON DELETE CASCADE", "a INT REFERENCES p", "ON DELETE CASCADE of the foreign key of (a) to p"),
    (
      "a INT REFERENCES p ON UPDATE SET NULL", "a INT REFERENCES p(id)",
      "ON UPDATE SET NULL of the foreign key of (a) to p"
    ),
    ("a INT REFERENCES p", "a INT REFERENCES p ON DELETE CASCADE", ""),
    ("a INT DEFAULT 5", "b INT", ""),
  ]

  @Test("what a rebuild weakens is named", arguments: weakened)
  func weakens(_ old: String, _ new: String, _ lost: String) throws {
    let sample = try Sample("CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE o(id INTEGER PRIMARY KEY, \(old))")
    let script = """
      PRAGMA foreign_keys=OFF;
      CREATE TABLE n(id INTEGER PRIMARY KEY, \(new));
      INSERT INTO n(id) SELECT id FROM o;
      DROP TABLE o;
      ALTER TABLE n RENAME TO o;
      """
    let findings = try #require(try sample.connect().lint(script, operation: Operation()))
    #expect(
      findings.map(\.message) == (lost.isEmpty ? [] : ["the rebuild of o loses constraints: \(lost)"]))
  }

  @Test("the linter finds what goes wrong without an error", arguments: lint)
  func linter(_ script: String, _ expected: [String]) throws {
    let findings = try #require(try Sample(Self.family).connect().lint(script, operation: Operation()))
    #expect(findings.map { "\($0.line) \($0.rule)" } == expected)
    #expect(findings.allSatisfy { $0.severity == .warning })
  }

  @Test("a rebuild that forgets constraints: each is named")
  func constraints() throws {
    let sample = try Sample(
      "CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE o(id INTEGER PRIMARY KEY AUTOINCREMENT,"
        + " sku TEXT NOT NULL UNIQUE CHECK(length(sku) > 1), p INT REFERENCES p(id))")
    let script = """
      PRAGMA foreign_keys=OFF;
      CREATE TABLE n(id INTEGER PRIMARY KEY, sku TEXT, p INT);
      INSERT INTO n(id, sku, p) SELECT id, sku, p FROM o;
      DROP TABLE o;
      ALTER TABLE n RENAME TO o;
      """
    let findings = try #require(try sample.connect().lint(script, operation: Operation()))
    #expect(
      findings.map(\.message) == [
        "the rebuild of o loses constraints: NOT NULL of sku, the uniqueness of (sku), the foreign key of (p) to p,"
          + " a CHECK constraint, AUTOINCREMENT"
      ])
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
