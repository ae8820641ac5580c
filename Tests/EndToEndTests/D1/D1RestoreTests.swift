import DriverTesting
import Foundation
import Testing

@Suite("belay backup and belay restore on D1")
struct D1RestoreTests {
  /// What is hard to carry over a wire of JSON and doubles, through statements of 100,000 bytes, in the right order.
  private static let hard = """
    CREATE TABLE child (id INTEGER PRIMARY KEY, parent INTEGER NOT NULL REFERENCES parent(id) ON DELETE CASCADE);
    CREATE TABLE parent (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE);
    INSERT INTO parent VALUES (1, 'one'), (7, NULL), (9, '');
    INSERT INTO child VALUES (1, 7), (2, 9), (3, 7);
    CREATE TABLE numbers (i INTEGER, r REAL, n NUMERIC, t TEXT, a);
    INSERT INTO numbers VALUES
      (9007199254740991, 0.1, 9007199254740993, '1', 1), (9007199254740992, -0.0, -9007199254740993, '1.0', 1.0),
      (9007199254740993, 1e308, 9223372036854775807, '9007199254740993', '1'),
      (-9007199254740993, 5e-324, -9223372036854775808, '', x'31'), (9223372036854775807, 1e999, 0, NULL, NULL),
      (-9223372036854775808, -1e999, 3.0, char(0), char(10, 13)), (0, 2.2250738585072014e-308, 1e15, 'ü€😀', zeroblob(0));
    CREATE TABLE large (id INTEGER PRIMARY KEY, t TEXT, b BLOB);
    INSERT INTO large VALUES (1, replace(hex(zeroblob(950000)), '0', 'x'), NULL), (2, NULL, randomblob(1900000)),
      (3, replace(hex(zeroblob(100000)), '00', 'ü'), randomblob(200000));
    CREATE TABLE wide (\((1...100).map { "c\($0)" }.joined(separator: ", ")));
    INSERT INTO wide VALUES (\((1...100).map(String.init).joined(separator: ", ")));
    CREATE TABLE "odd ""name; -- x" ("select" TEXT, "a b" INTEGER, "" BLOB);
    INSERT INTO "odd ""name; -- x" VALUES ('it''s; BEGIN', 1, x'00ff');
    CREATE TABLE strict_one (id TEXT PRIMARY KEY, n INT) STRICT, WITHOUT ROWID;
    INSERT INTO strict_one VALUES ('a', 1), ('B', NULL);
    CREATE TABLE made (a INTEGER, b INTEGER GENERATED ALWAYS AS (a * 2) STORED, c AS (a + 1));
    INSERT INTO made VALUES (21);
    CREATE VIRTUAL TABLE words USING fts5(title, body);
    INSERT INTO words VALUES ('first', 'the quick fox'), ('second', 'lazy dogs');
    CREATE TABLE log (what TEXT);
    CREATE TRIGGER logs AFTER INSERT ON child BEGIN
      INSERT INTO log VALUES (CASE WHEN new.id > 2 THEN 'more;' ELSE 'less' END);
      UPDATE parent SET name = name WHERE id = new.parent;
    END;
    CREATE VIEW pairs AS SELECT p.name, c.id FROM parent p JOIN child c ON c.parent = p.id;
    CREATE INDEX by_parent ON child(parent) WHERE id > 1;
    """

  @Test("a new database gets every row and value as it was, after the copy was proven")
  func everything() throws {
    let shop = try D1Workspace(schema: Self.hard)
    let run = try shop.belay("backup", "shop", "--verify", "restore")
    #expect(run.status == 0 && run.output.contains("verified at level restore"), "\(run)")
    #expect(try shop.others().map(\.name) == [])
    let before = try shop.content()
    for (name, options) in [("second", [] as [String]), ("third", ["--driver-option", "x=y"])] where options.isEmpty {
      let restored = try shop.restore(into: name)
      #expect(restored.status == 0, "\(restored)")
      let copy = try #require(try shop.others().first { $0.name == name })
      #expect(try shop.content(of: copy) == before)
      #expect(try copy.sql("SELECT title FROM words WHERE words MATCH 'fox'") == [["'first'"]])
      #expect(try copy.sql("INSERT INTO parent (name) VALUES ('next') RETURNING id") == [["10"]])
    }
    let again = try shop.restore(into: "second")
    #expect(again.status != 0 && again.errors.contains("is not empty"), "\(again)")
  }

  @Test("an archive without the native dump, of rows as CSV, is restored too")
  func rows() throws {
    let shop = try D1Workspace(config: "formats: [csv]\n")
    #expect(try shop.belay("backup", "shop").status == 0)
    let restored = try shop.restore(into: "second")
    #expect(restored.status == 0, "\(restored)")
    let copy = try #require(try shop.others().first)
    #expect(try shop.content(of: copy) == shop.content())
  }

  @Test("the archive's own files restore with sqlite3 alone")
  func withoutBelay() throws {
    let shop = try D1Workspace(schema: Self.hard)
    #expect(try shop.belay("backup", "shop").status == 0)
    let script = """
      tar xf backups/\(try shop.latest()).tar && sha256sum --quiet -c SHA256SUMS && zstd -q -d full_backup.db.zst &&
      sqlite3 full_backup.db 'PRAGMA integrity_check; SELECT max(i), min(i), count(*) FROM numbers' &&
      zstd -q -dc full_backup.sql.zst > full_backup.sql && sqlite3 new.db '.read full_backup.sql' &&
      sqlite3 new.db 'SELECT count(*) FROM child; SELECT length(b) FROM large WHERE id = 2'
      """
    let run = try Program.run("/bin/sh", ["-c", script], in: shop.folder)
    #expect(run.output == "ok\n9223372036854775807|-9223372036854775808|7\n3\n1900000\n", "\(run)")
  }

  @Test("100,000 rows in 20 tables are backed up and verified in fewer than 200 calls")
  func calls() throws {
    let tables = (1...20).map { number in
      """
      CREATE TABLE t\(number) (id INTEGER PRIMARY KEY, name TEXT, cents INTEGER, at REAL);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)
        INSERT INTO t\(number) SELECT i, 'row ' || i || ' of table \(number)', i * 37, i / 7.0 FROM n;
      """
    }
    let shop = try D1Workspace(schema: tables.joined(separator: "\n"))
    let run = try shop.belay("backup", "shop")
    #expect(run.status == 0 && run.output.contains("100000 rows"), "\(run)")
    let calls = try shop.account.counts()["api", default: 0]
    #expect(calls < 200, "\(calls) calls")
  }

  @Test("a temporary database that could not be removed is named, and removed by recovery")
  func leftBehind() throws {
    let shop = try D1Workspace(config: "formats: [native]\n")
    try shop.account.arm(FakeD1Fault(.status, .deleteDatabase, times: nil))
    let run = try shop.belay("backup", "shop", "--verify", "restore")
    #expect(run.status == 3 && run.errors.contains("could not be dropped"), "\(run)")
    let left = try #require(try shop.others().first).name
    let status = try shop.belay("status")
    #expect(status.status == 0 && status.output.contains(left), "\(status)")
    #expect(try shop.belay("recover").status == 0)
    #expect(try shop.others().map(\.name) == [left])
    try shop.account.disarm()
    let recovery = try shop.belay("recover")
    #expect(recovery.status == 0 && recovery.output.contains(left), "\(recovery)")
    #expect(try shop.others().map(\.name) == [])
    #expect(try !shop.belay("status").output.contains(left))
  }

  @Test(
    "a backup that cannot be proven, for no copy can be made or the network is gone, is kept and told as what it is",
    arguments: [
      FakeD1Fault(.html, .createDatabase, times: nil), FakeD1Fault(.cut, .importInit, times: nil),
      FakeD1Fault(.cut, .importPoll, times: nil), FakeD1Fault(.cut, .upload, times: nil),
    ])
  func unproven(fault: FakeD1Fault) throws {
    let shop = try D1Workspace(config: "formats: [native]\n")
    try shop.account.arm(fault)
    let run = try shop.belay("backup", "shop", "--verify", "restore")
    let id = try shop.latest()
    #expect(run.status == 1 && run.errors.contains("the archive \(id) is kept"), "\(run)")
    #expect(!run.output.contains("verified"), "\(run)")
    try shop.account.disarm()
    #expect(run.errors.contains("belay verify \(id) --level restore"), "\(run)")
    #expect(try shop.belay("verify", id, "--level", "restore").status == 0)
  }

  @Test("somebody who writes while it is read is noticed, and it is read again")
  func written() throws {
    let shop = try D1Workspace(config: "formats: [native]\n")
    try shop.account.arm(
      FakeD1Fault(.write, .raw, at: 4, details: ["when": "after", "sql": "INSERT INTO log VALUES ('1', 'x')"]))
    let run = try shop.belay("backup", "shop")
    #expect(run.status == 0 && run.errors.contains("reading it again"), "\(run)")
    #expect(try shop.manifest(try shop.latest()).contains(try #require(try shop.database.bookmarks().last)))
  }
}

extension D1Workspace {
  /// Into another database of the account, which is made. A URL has no options: they come from the environment.
  func restore(into name: String) throws -> Program.Outcome {
    try belay(
      "restore", try latest(), "--into", "d1://\(account.id)/\(name)",
      environment: ["CLOUDFLARE_API_TOKEN": account.token, "CLOUDFLARE_API_BASE_URL": account.baseURL])
  }
}
