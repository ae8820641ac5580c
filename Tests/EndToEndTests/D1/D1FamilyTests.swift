import DriverTesting
import Foundation
import Testing

@Suite("Archives of D1 in SQLite files, and of SQLite in D1")
struct D1FamilyTests {
  @Test("a whole archive goes from D1 into a file, and from there into another database of D1")
  func thereAndBack() throws {
    let shop = try D1Workspace(
      schema: D1Workspace.shop + """
        CREATE TABLE numbered (id INTEGER PRIMARY KEY AUTOINCREMENT, t TEXT); INSERT INTO numbered VALUES (7, 'seven');
        CREATE VIRTUAL TABLE words USING fts5(title); INSERT INTO words VALUES ('the quick fox');
        """)
    let before = try shop.content()
    try #require(try shop.belay("backup", "shop").status == 0)
    let down = try shop.belay("restore", "latest", "--into", "sqlite:copy.db")
    #expect(down.status == 0 || down.status == 3, "\(down)")
    #expect(down.errors.contains("proven equal"), "\(down)")
    let file = shop.folder.appending(path: "copy.db").path
    let rows = try Program.run(
      "/usr/bin/env",
      [
        "sqlite3", file,
        "SELECT count(*) FROM orders; SELECT title FROM words WHERE words MATCH 'fox'; INSERT INTO numbered(t) VALUES ('x') RETURNING id; DELETE FROM numbered WHERE id = 8; PRAGMA integrity_check",
      ], in: shop.folder)
    #expect(rows.output == "100\nthe quick fox\n8\nok\n", "\(rows)")
    _ = try Program.run(
      "/usr/bin/env", ["sqlite3", file, "UPDATE sqlite_sequence SET seq = 7 WHERE name = 'numbered'"], in: shop.folder)
    // And back, from a file that has never seen D1.
    try #require(try shop.belay("backup", "sqlite:copy.db", "--name", "copy").status == 0)
    let up = try shop.restore(into: "second")
    #expect(up.status == 0 || up.status == 3, "\(up)")
    let copy = try #require(try shop.others().first { $0.name == "second" })
    #expect(try shop.content(of: copy) == before)
    // Without a dump that both know, nothing is done.
    try #require(try shop.belay("backup", "shop", "--formats", "csv", "--name", "rows").status == 0)
    let refused = try shop.belay("restore", "latest:shop", "--into", "sqlite:none.db")
    #expect(refused.status == 22 && refused.errors.contains("--rows-only"), "\(refused)")
    #expect(!FileManager.default.fileExists(atPath: shop.folder.appending(path: "none.db").path))
  }
}
