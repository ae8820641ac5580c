import DriverTesting
import Foundation
import Testing

/// A database of an application that brings a newer SQLite than the one that belay uses.
@Suite("A database of a newer SQLite", .enabled(if: FileManager.default.fileExists(atPath: newer + "/apsw")))
struct NewerSQLiteTests {
  /// Functions, options of FTS5 and values that Debian's SQLite does not have.
  private static let schema = #"""
    CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, more BLOB) STRICT;
    INSERT INTO items VALUES (1, 'one', jsonb('{"a": 1}')), (2, 'two', NULL);
    CREATE TABLE parts (id INTEGER PRIMARY KEY, item INTEGER REFERENCES items ON DELETE CASCADE);
    INSERT INTO parts VALUES (1, 1), (2, 2);
    CREATE VIEW shown AS SELECT concat(name, '!') AS name, string_agg(name, ',') OVER () AS names FROM items;
    CREATE VIRTUAL TABLE words USING fts5(body, content='', contentless_delete=1);
    INSERT INTO words(rowid, body) VALUES (1, 'hello'), (2, 'world');
    CREATE TRIGGER renamed AFTER UPDATE OF name ON items BEGIN
      INSERT INTO words(body) VALUES (concat_ws('-', old.name, new.name)); END;
    CREATE TABLE sums (a INT, b TEXT GENERATED ALWAYS AS (unistr('\0041') || a) VIRTUAL);
    INSERT INTO sums(a) VALUES (4);
    CREATE INDEX by_length ON items(octet_length(name));
    """#

  @Test func `it is backed up, proven, migrated, taken back and restored, and what belay cannot check is said`() throws
  {
    let shop = try Workspace(schema: "")
    let make = """
      import sys
      sys.path.insert(0, sys.argv[1])
      import apsw
      apsw.Connection(sys.argv[2]).execute(sys.stdin.read())
      """
    let made = try Program.run(
      "/usr/bin/env", ["python3", "-c", make, newer, shop.database.path], in: shop.folder, input: Self.schema)
    try #require(made.status == 0, "\(made)")
    // Debian's SQLite can list the rows, but not check the indexes.
    func content(_ file: URL? = nil) throws -> String { try shop.sqlite(".dump", on: file) }
    let before = try content()

    let backup = try shop.belay("backup", shop.url)
    // With a SQLite that has the functions there is nothing to say.
    #expect(backup.status == 0 || backup.status == 3 && backup.errors.contains("does not have it"), "\(backup)")
    #expect(backup.output.contains("verified at level restore"), "\(backup)")
    try shop.migration("1.sql", "DELETE FROM items WHERE id = 1;")
    let losing = try shop.belay("migrate", shop.url, "--yes")
    #expect([30, 31].contains(losing.status), "\(losing)")
    #expect(try content() == before)
    try shop.migration("1.sql", "ALTER TABLE parts ADD COLUMN note TEXT;\nUPDATE parts SET note = 'a';")
    let good = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(good.status), "\(good)")
    let plan = try shop.belay("rollback", "latest")
    let code = String(try #require(plan.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(plan)").0)
    let back = try shop.belay("rollback", "latest", "--yes", "--confirm", code)
    #expect([0, 3].contains(back.status), "\(back)")
    #expect(try content() == before)
    let restored = try shop.belay("restore", "oldest", "--into", "sqlite:copy.db", "--yes")
    #expect([0, 3].contains(restored.status), "\(restored)")
    #expect(try content(shop.folder.appending(path: "copy.db")) == before)
  }
}

/// Where `scripts/needs versions` puts it.
private let newer = "/usr/local/lib/belay-test-servers"
