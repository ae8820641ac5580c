import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// Everything comes back as it was: row by row, bit by bit.
@Suite("D1: exactness") struct ExactnessTests {
  /// Into a new database by the dump, and by the SQL text of the dump through D1's import.
  private func roundTrip(_ sql: String, settings: [String: any Sendable] = [:]) throws {
    let subject = try Subject(settings)
    let source = try subject.make(sql)
    let connection = try subject.open(source.name)
    let bytes = try connection.dumped()
    let copy = try subject.make()
    try subject.open(copy.name).restore(bytes)
    #expect(try content(copy) == content(source))
  }

  @Test("integers around 2^53 and 2^63")
  func integers() throws {
    let values = [
      "9007199254740991", "9007199254740992", "9007199254740993", "-9007199254740993", "9223372036854775807",
      "-9223372036854775807", "(-9223372036854775807-1)", "0", "-1",
    ]
    try roundTrip(
      "CREATE TABLE t (a, b INTEGER, c TEXT, d REAL);"
        + values.map { "INSERT INTO t VALUES (\($0), \($0), \($0), \($0));" }.joined())
  }

  @Test("reals, infinities, and integers that are reals")
  func reals() throws {
    var generator = SystemRandomNumberGenerator()
    var values = [
      "0.1", "1.0", "-1.5", "9e999", "-9e999", "1e308", "1.7976931348623157e308", "4.9406564584124654e-324",
      "2.2250738585072014e-308", "123456789012345680.0", "1e22", "1e23", "3.14159265358979",
    ]
    for _ in 0..<200 {
      let value = Double(bitPattern: .random(in: .min ... .max, using: &generator))
      if value.isFinite { values.append("\(value)") }
    }
    try roundTrip("CREATE TABLE t (a, b REAL);" + values.map { "INSERT INTO t VALUES (\($0), \($0));" }.joined())
  }

  @Test("text and blobs of 1.9 MB, of NULs and of broken UTF-8")
  func long() throws {
    try roundTrip(
      """
      CREATE TABLE t (id INTEGER PRIMARY KEY, a);
      INSERT INTO t (a) VALUES (CAST(zeroblob(10) AS TEXT)), (CAST(X'ff00fe' AS TEXT)), (CAST(X'fffe' AS TEXT)),
        (X''), (''), (NULL), ('it''s "so"' || char(13, 10)), ('naïve 🧗'), (char(65533)), (char(65279) || 'mark');
      INSERT INTO t (a) VALUES (randomblob(950000)), (randomblob(1990000)), (hex(randomblob(995000)));
      INSERT INTO t (a) VALUES (CAST(randomblob(1500000) AS TEXT)), (replace(hex(zeroblob(950000)), '00', 'ü'));
      CREATE TABLE keyed (k TEXT PRIMARY KEY, v) WITHOUT ROWID;
      INSERT INTO keyed VALUES ('it''s', randomblob(1200000)), ('', 1), ('z', NULL);
      """)
  }

  @Test("a hundred columns, generated ones, and odd names")
  func columns() throws {
    let columns = (1...100).map { "c\($0)" }.joined(separator: ", ")
    let values = (1...100).map { $0 % 3 == 0 ? "NULL" : $0 % 2 == 0 ? "'\($0)'" : "\($0)" }.joined(separator: ", ")
    try roundTrip(
      #"""
      CREATE TABLE wide (\#(columns));
      INSERT INTO wide VALUES (\#(values)), (\#(values));
      CREATE TABLE "select ""from""" ("group by" TEXT, "é;--" , g INTEGER GENERATED ALWAYS AS (length("group by")) STORED);
      INSERT INTO "select ""from""" VALUES ('a;b', 1), ('''', 2);
      CREATE TABLE hidden (rowid TEXT, _rowid_ TEXT, x INTEGER PRIMARY KEY);
      INSERT INTO hidden VALUES ('a', 'b', 5), ('c', 'd', 6);
      CREATE TABLE allhidden (rowid, _rowid_, oid);
      INSERT INTO allhidden VALUES (3, 2, 1), (1, 2, 3);
      CREATE TABLE pair (a TEXT, b INTEGER, c, PRIMARY KEY (b, a)) WITHOUT ROWID;
      INSERT INTO pair VALUES ('x', 2, 1), ('y', 2, 2), ('a', 1, 3);
      CREATE TABLE strictly (a INTEGER, b ANY) STRICT;
      INSERT INTO strictly VALUES (1, '1'), (2, 2);
      """#)
  }

  @Test("rowids that no column stands for, and counters of AUTOINCREMENT")
  func rowids() throws {
    try roundTrip(
      """
      CREATE TABLE t (a); INSERT INTO t (rowid, a) VALUES (7, 'x'), (-3, 'y'), (9223372036854775807, 'z');
      CREATE TABLE n (id INTEGER PRIMARY KEY AUTOINCREMENT, a);
      INSERT INTO n VALUES (40, 'x'); DELETE FROM n;
      """)
  }

  @Test("foreign keys that cascade, refer forward, to themselves and in a circle; triggers; views")
  func references() throws {
    try roundTrip(
      """
      CREATE TABLE child (id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES parent(id) ON DELETE CASCADE);
      CREATE TABLE parent (id INTEGER PRIMARY KEY, boss INTEGER REFERENCES parent(id));
      CREATE TABLE a (id INTEGER PRIMARY KEY, b INTEGER REFERENCES b(id));
      CREATE TABLE b (id INTEGER PRIMARY KEY, a INTEGER REFERENCES a(id));
      INSERT INTO parent VALUES (2, NULL), (1, 2); INSERT INTO child VALUES (1, 1), (2, 2);
      INSERT INTO a VALUES (1, NULL); INSERT INTO b VALUES (1, 1); UPDATE a SET b = 1;
      CREATE INDEX child_p ON child(p); CREATE UNIQUE INDEX boss ON parent(boss) WHERE boss IS NOT NULL;
      CREATE VIEW v AS SELECT * FROM child;
      CREATE TRIGGER t AFTER INSERT ON child BEGIN
        UPDATE parent SET boss = CASE WHEN NEW.p > 1 THEN NULL ELSE boss END; SELECT 1; END;
      """)
  }

  @Test("FTS5: content, rowids, external content and what is beside it")
  func fullText() throws {
    let subject = try Subject()
    let source = try subject.make(
      """
      CREATE VIRTUAL TABLE posts USING fts5(title, body, tokenize = 'porter');
      INSERT INTO posts (rowid, title, body) VALUES (5, 'climbing', 'hold the rope'), (9, 'sailing', 'belay that');
      CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT);
      INSERT INTO notes VALUES (1, 'one rope'), (2, 'two anchors');
      CREATE VIRTUAL TABLE notes_fts USING fts5(text, content='notes', content_rowid='id');
      INSERT INTO notes_fts (notes_fts) VALUES ('rebuild');
      CREATE TRIGGER notes_ai AFTER INSERT ON notes BEGIN
        INSERT INTO notes_fts (rowid, text) VALUES (new.id, new.text); END;
      """)
    let connection = try subject.open(source.name)
    let bytes = try connection.dumped()
    let copy = try subject.make("CREATE VIRTUAL TABLE old USING fts5(x); INSERT INTO old VALUES ('gone');")
    try subject.open(copy.name).restore(bytes)
    for sql in [
      "SELECT rowid, title, body FROM posts ORDER BY 1", "SELECT rowid FROM posts WHERE posts MATCH 'climb'",
      "SELECT rowid FROM notes_fts WHERE notes_fts MATCH 'rope'",
      "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'posts_%' AND name NOT LIKE 'notes_fts_%' AND name NOT LIKE 'belay%' AND name NOT LIKE '_cf%' ORDER BY 1, 2",
    ] {
      #expect(try copy.sql(sql) == source.sql(sql), "\(sql)")
    }
    #expect(try subject.account.counts()["export_start", default: 0] == 0, "a failed export closes the database")
  }

  @Test("the SQL text of a dump restores an empty database, with no statement too long")
  func text() throws {
    let subject = try Subject()
    let source = try subject.make(
      """
      CREATE TABLE t (id INTEGER PRIMARY KEY, a);
      INSERT INTO t (a) VALUES (9007199254740993), (randomblob(300000)), (9e999), ('x'), (hex(randomblob(90000)));
      """)
    let connection = try subject.open(source.name)
    var rest = try connection.dumped()[...]
    var bytes: [UInt8] = []
    try connection.renderDump(
      "d1_copy", operation: Operation(), from: { rest.fill($0) }, into: { bytes += $0 })
    let copy = try subject.make()
    try subject.open(copy.name).run(String(decoding: bytes, as: UTF8.self))
    #expect(try content(copy) == content(source))
  }

  @Test("tables that are read page by page, and loaded by names into their like, are equal")
  func rows() throws {
    let columns = (1...100).map { "c\($0)" }.joined(separator: ", ")
    let values = (1...100).map { $0 % 3 == 0 ? "NULL" : $0 % 2 == 0 ? "'\($0)'" : "\($0)" }.joined(separator: ", ")
    let tables = """
      CREATE TABLE many (a, b); CREATE TABLE wide (\(columns)); CREATE TABLE "odd ""name" ("select", "é;--" TEXT);
      CREATE TABLE keyed (k TEXT, n INTEGER, v, PRIMARY KEY (n, k)) WITHOUT ROWID;
      """
    let subject = try Subject()
    let source = try subject.make(
      """
      \(tables)
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000)
        INSERT INTO many (rowid, a, b) SELECT i * 3 - 7, 9007199254740993 + i, i * 0.1 FROM n;
      INSERT INTO wide (rowid, \(columns)) VALUES (-5, \(values)), (9223372036854775807, \(values));
      INSERT INTO "odd ""name" VALUES ('it''s', X'00ff'), (CAST(X'610062' AS TEXT), randomblob(950000)), (9e999, NULL);
      INSERT INTO keyed VALUES ('x', 2, hex(randomblob(60000))), ('', 2, CAST(X'ff' AS TEXT)), ('z', 1, 7);
      """)
    let copy = try subject.make(tables)
    let (from, to) = (try subject.open(source.name), try subject.open(copy.name))
    for table in try from.catalog(operation: Operation()).tables where table.hasRows {
      try from.read(
        table, operation: Operation(), rows: { try to.load($0, into: table, operation: Operation()) })
    }
    #expect(try content(copy) == content(source))
  }

  @Test("a name that the schema does not have is no string, and no new column is missed")
  func names() throws {
    let subject = try Subject()
    let database = try subject.make("CREATE TABLE t (a); INSERT INTO t VALUES (1);")
    let connection = try subject.open(database.name)
    #expect(try connection.rows(of: CatalogTable("t", columns: ["rowid", "a"])) == [[.integer(1), .integer(1)]])
    for table in [CatalogTable("t", columns: ["a", "b"]), CatalogTable("u", columns: ["a"])] {
      #expect(try failure { _ = try connection.rows(of: table) }.code == .sql)
      let refused = try failure {
        try connection.load([table.storedColumns.map { _ in .null }], into: table, operation: Operation())
      }
      #expect(refused.code == .sql && refused.outcome == .notApplied)
    }
    try subject.open(database.name).run("ALTER TABLE t ADD COLUMN b DEFAULT 2")
    #expect(try connection.rows(of: CatalogTable("t", columns: ["b", "a"])) == [[.integer(2), .integer(1)]])
  }

  @Test("rows of a hundred thousand in twenty tables take fewer than 200 calls")
  func calls() throws {
    let subject = try Subject()
    let tables = (1...20).map { table in
      """
      CREATE TABLE t\(table) (id INTEGER PRIMARY KEY, name TEXT, amount REAL, note TEXT);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
        INSERT INTO t\(table) SELECT i, 'name ' || i, i * 0.1, hex(zeroblob(20)) FROM n;
      """
    }
    let database = try subject.make(tables.joined())
    try subject.account.resetCounts()
    let connection = try subject.open(database.name)
    let token = try #require(try connection.acquireToken(operation: Operation()))
    var rows = 0
    for table in try connection.catalog(operation: Operation()).tables where table.hasRows {
      rows += try connection.rows(of: table).count
    }
    _ = try connection.dumped(token: token)
    #expect(rows == 100_000)
    #expect(try subject.account.counts()["api", default: 0] < 200)
  }
}
