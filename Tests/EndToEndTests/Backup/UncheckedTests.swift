import Foundation
import Testing

/// Databases of an application that has collations and functions of its own, which this SQLite lacks.
@Suite("What the engine cannot check is copied, proven as far as possible, and named")
struct UncheckedTests {
  /// - Parameter table: with abs() and nocase where the application's own are to stand.
  private func shop(_ table: String) throws -> Workspace {
    let shop = try Workspace(
      schema: "\(table); INSERT INTO t(a) VALUES ('b'), ('A'); CREATE TABLE other (x); INSERT INTO other VALUES (1);")
    try shop.sqlite(
      """
      PRAGMA writable_schema = ON;
      UPDATE sqlite_schema SET sql = replace(replace(sql, 'nocase', 'unicase'), 'abs(', 'fx(') WHERE tbl_name = 't';
      """)
    return shop
  }

  @Test(
    "backup, proof, restore in every form, and a migration that does not need it, end with a warning",
    arguments: [
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT COLLATE nocase); CREATE UNIQUE INDEX i ON t (a)",
      "CREATE TABLE t (a TEXT COLLATE nocase PRIMARY KEY, b) WITHOUT ROWID",
      "CREATE TABLE t (a); CREATE INDEX i ON t (abs(a)) WHERE abs(a) >= 0", "CREATE TABLE t (a CHECK (abs(a) >= 0))",
    ])
  func unchecked(table: String) throws {
    let shop = try shop(table)
    let what = table.contains("nocase") ? "collation unicase" : "function fx"
    let backup = try shop.belay("backup", shop.url)
    #expect(backup.status == 3 && backup.errors.contains(what), "\(backup)")
    #expect(try shop.listing(shop.store).filter { $0.hasSuffix(".tar") }.count == 1)
    let verify = try shop.belay("verify", "latest", "--level", "restore")
    #expect(verify.status == 3 && verify.errors.contains(what), "\(verify)")
    let restore = try shop.belay("restore", "latest", "--into", "sqlite:new.db")
    #expect(restore.status == 3 && "\(restore)".contains("proven equal"), "\(restore)")
    let extract = try shop.belay("extract", "latest", "--table", "t", "--as", "sql")
    #expect("\(extract)".contains("'b'") && "\(extract)".contains("'A'"), "\(extract)")
    try shop.migration("1.sql", "ALTER TABLE other ADD COLUMN y; UPDATE other SET y = 2;")
    let doctor = try shop.belay("doctor", shop.url)
    #expect(doctor.status == 3 && doctor.errors.contains(what), "\(doctor)")
    let migrate = try shop.belay("migrate", shop.url, "--yes")
    #expect(migrate.status == 3, "\(migrate)")
    #expect(try shop.sqlite("SELECT y FROM other") == "2")
    // What needs it fails before anything is changed, in the engine's own words.
    guard !table.contains("CHECK") else { return }
    try shop.migration("2.sql", "DELETE FROM t;\nINSERT INTO t(a) VALUES ('c');")
    let refused = try shop.belay("migrate", shop.url, "--yes")
    #expect(
      [22, 30].contains(refused.status) && refused.errors.contains(table.contains("nocase") ? "unicase" : "fx"),
      "\(refused)")
  }

  @Test(
    "a schema that a newer SQLite has written is copied whole, and nothing is changed",
    arguments: [
      ("CREATE VIEW v AS SELECT 1", "CREATE VIEW v AS SELECT string_agg(x, 1 ORDER BY x) FROM other"),
      ("CREATE TABLE v (x)", "CREATE TABLE v (x ANY) NEWOPTION"),
    ])
  func newer(schema: String, text: String) throws {
    let shop = try Workspace(schema: "\(schema); CREATE TABLE other (x); INSERT INTO other VALUES (1);")
    try shop.sqlite("PRAGMA writable_schema = ON; UPDATE sqlite_schema SET sql = '\(text)' WHERE name = 'v';")
    let backup = try shop.belay("backup", shop.url)
    #expect(
      backup.status == 3 && backup.errors.contains("v: SQLite") && backup.errors.contains("does not understand"),
      "\(backup)")
    let restore = try shop.belay("restore", "latest", "--into", "sqlite:new.db")
    #expect(restore.status == 3, "\(restore)")
    let look = "PRAGMA writable_schema = ON; SELECT * FROM other; SELECT sql FROM sqlite_schema WHERE name = 'v';"
    #expect(try shop.sqlite(look, on: shop.folder.appending(path: "new.db")) == "1\n\(text)")
    try shop.migration("1.sql", "ALTER TABLE other ADD COLUMN y;")
    let migrate = try shop.belay("migrate", shop.url, "--yes")
    #expect(migrate.status == 22 && migrate.errors.contains("nothing can be changed safely"), "\(migrate)")
  }
}
