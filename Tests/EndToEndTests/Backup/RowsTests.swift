import Foundation
import Testing

/// One driver in C, built twice: with belay.rows/1, when it refuses rows as SQL text, and without.
@Suite("Rows by names and cells, and rows by SQL text")
struct RowsTests {
  private static let odd = """
    CREATE TABLE "odd ""name"" ☃" ("select" INTEGER PRIMARY KEY, "a b" , "c""d" BLOB);
    INSERT INTO "odd ""name"" ☃" VALUES (-5, 'it''s', X'00ff'), (9223372036854775807, CAST(X'610062' AS TEXT), X''),
      (3, 0.1, NULL), (4, '', randomblob(2000000)), (5, char(13, 10, 9), 9e999);
    CREATE TABLE empty (a, b);
    CREATE TABLE many (i INTEGER, t TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 600)
      INSERT INTO many SELECT i, hex(zeroblob(2000)) FROM n;
    """

  /// Equal shops behind the two builds.
  private func shops() throws -> (with: Workspace, without: Workspace) {
    let with = try Workspace.plain(withRows: true, more: Self.odd)
    let without = try Workspace.plain()
    // One content for both: some of it is random.
    try FileManager.default.removeItem(at: without.database)
    try FileManager.default.copyItem(at: with.database, to: without.database)
    return (with, without)
  }

  /// Every member of the newest archive but those that name the run, decompressed, and the tables of its manifest.
  private func content(_ shop: Workspace) throws -> [String: Data] {
    let out = shop.folder.appending(path: "out-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: out, withIntermediateDirectories: true)
    let script = "tar xf '../backups/\(try shop.latest()).tar' && find . -name '*.zst' -exec zstd -q -d --rm {} +"
    let run = try Program.run("/bin/sh", ["-c", script], in: out)
    try #require(run.status == 0, "\(run)")
    var content: [String: Data] = [:]
    for name in try FileManager.default.subpathsOfDirectory(atPath: out.path) {
      let file = out.appending(path: name)
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: file.path, isDirectory: &isFolder), !isFolder.boolValue else {
        continue
      }
      content[name] = try Data(contentsOf: file)
    }
    let text = try #require(content["manifest.json"])
    let manifest = try #require(try JSONSerialization.jsonObject(with: text) as? [String: Any])
    let tables = try #require(manifest["tables"] as? [[String: Any]])
    #expect(tables.count == 6 && tables.allSatisfy { ($0["digest"] as? String)?.isEmpty == false })
    content["manifest.json"] = try JSONSerialization.data(withJSONObject: tables, options: .sortedKeys)
    // These name the archive.
    content["SHA256SUMS"] = nil
    content["README.txt"] = nil
    return content
  }

  @Test func `backups, digests and restores are equal with belay.rows/1 and without`() throws {
    let (with, without) = try shops()
    for shop in [with, without] {
      let backup = try shop.belay("backup", "--formats", "sql,csv,json", "--verify", "read")
      #expect(backup.status == 0, "\(backup)")
    }
    let (first, second) = (try content(with), try content(without))
    #expect(first.keys.filter { $0.hasPrefix("csv/") }.count == 6, "\(first.keys)")
    #expect(first.keys.sorted() == second.keys.sorted())
    for (name, bytes) in first { #expect(second[name] == bytes, "\(name)") }

    // Each restores its own archive, and the other's.
    for (shop, from) in [(with, with), (without, without), (with, without), (without, with)] {
      let name = shop === from ? "own" : "other"
      let restore = try shop.belay(
        "restore", from.latest(), "--store", from.store.path, "--into", "plain:\(name).db", "--yes")
      #expect(restore.status == 0, "\(restore)")
      #expect((restore.output + restore.errors).contains("proven equal"), "\(restore)")
      #expect(try shop.dump(shop.folder.appending(path: "\(name).db")) == with.dump())
    }
  }

  @Test func `one table is restored, and a database goes back to its rows, with belay.rows/1 and without`() throws {
    let (with, without) = try shops()
    for shop in [with, without] {
      let before = try shop.dump()
      #expect(try shop.belay("backup").status == 0)
      try shop.sqlite(
        "DELETE FROM many WHERE i % 2; DROP TABLE \"odd \"\"name\"\" ☃\"; UPDATE customers SET name = 'x'")
      let table = try shop.belay(
        "restore", "latest", "--table", "odd \"name\" ☃", "--into", "plain:shop.db", "--yes")
      #expect(table.status == 0, "\(table)")
      #expect(try shop.sqlite("SELECT count(*) FROM \"odd \"\"name\"\" ☃\"") == "5")
      let back = try shop.rollback(shop.latest())
      #expect(back.status == 0, "\(back)")
      #expect(try shop.dumpWithoutLocks() == before)
    }
  }

  @Test func `the build with belay.rows/1 refuses rows as SQL text, so that nothing else has moved them`() throws {
    let shop = try Workspace.plain(withRows: true)
    try shop.write(
      "targets:\n  shop: plain:shop.db\ndriver_path: drivers\nchecks:\n  - name: by text\n    sql: SELECT \"id\" FROM customers\n",
      to: "belay.yaml")
    let run = try shop.belay("check")
    #expect(run.status != 0)
    #expect((run.output + run.errors).contains("rows go by belay.rows/1"), "\(run)")
  }
}
