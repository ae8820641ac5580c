import Foundation
import Testing

@Suite("Copies of tables inside a SQLite database")
struct TableCopyTests {
  @discardableResult
  private func make(_ shop: Workspace, _ arguments: String...) throws -> Program.Outcome {
    let run = try shop.belay(["snapshot-table", shop.url] + arguments)
    try #require(run.status == 0, "\(run)")
    return run
  }

  @Test func `all or none are made, compared, recorded and listed`() throws {
    let shop = try Workspace()
    try shop.sqlite(
      "CREATE TABLE \"odd 'ä'\" (x, y AS (x + 1) STORED); INSERT INTO \"odd 'ä'\" VALUES (1), (1.5), (x'00'), (NULL)")
    let long = String(repeating: "ü", count: 40)
    try shop.sqlite("CREATE TABLE \(long)1 (x); CREATE TABLE \(long)2 (x)")
    let before = try shop.dump()
    let none = try shop.belay("snapshot-table", shop.url, "--table", "orders", "--table", "nothing")
    #expect(none.status == 10 && none.errors.contains("no table matches `nothing`"), "\(none)")
    #expect(try shop.dump() == before)

    try make(shop, "--table", "orders", "--table", "odd*", "--table", "ü*")
    try make(shop, "--table", "orders", "--keep-for", "unlimited")
    let orders = try shop.copies(of: "orders")
    try #require(orders.count == 2)
    #expect(try shop.sqlite("SELECT count(*), sum(cents) FROM \(orders[0])") == "100|505000")
    #expect(
      try shop.sqlite("SELECT group_concat(quote(x), ' ') FROM \"\(shop.copy(of: "odd 'ä'"))\"") == "1 1.5 X'00' NULL")
    #expect(
      try shop.sqlite(
        "SELECT count(*) FROM sqlite_schema WHERE type = 'index' AND tbl_name LIKE '\\_backup%' ESCAPE '\\'") == "0")

    let list = try shop.belay("snapshot-table", shop.url, "--list", "--json")
    struct Line: Decodable { let event: String, name: String?, rows: UInt64?, state: String?, expiresAt: String? }
    let copies = try list.output.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
      .filter { $0.event == "table_copy" }
    #expect(copies.count == 5 && copies.allSatisfy { $0.state == "kept" }, "\(list)")
    let two = copies.filter { orders.contains($0.name ?? "") && $0.rows == 100 }
    #expect(two.count { $0.expiresAt == nil } == 1 && two.count { $0.expiresAt != nil } == 1, "\(list)")
    // Two names that are cut to one length stay two, and none is longer than every engine takes.
    #expect(Set(copies.compactMap(\.name)).count == 5 && copies.allSatisfy { ($0.name ?? "").utf8.count <= 63 })
    #expect(try shop.belay("log").output.contains("snapshot-table"))
  }

  @Test func `a table is put back row by row, and what belongs to equal rows stays`() throws {
    let shop = try Workspace()
    try make(shop, "--table", "customers")
    let (copy, rows) = (try shop.copy(of: "customers"), try shop.sqlite("SELECT * FROM customers ORDER BY id"))
    try shop.sqlite(
      """
      INSERT INTO orders VALUES (101, 1, 5);
      UPDATE customers SET email = NULL WHERE id = 1; UPDATE customers SET name = 'X' WHERE id = 2;
      DELETE FROM customers WHERE id = 20; INSERT INTO customers VALUES (21, 'new', NULL);
      ALTER TABLE customers ADD COLUMN since TEXT DEFAULT 'later'; DELETE FROM log;
      """)
    let plan = try shop.belay("restore", "--from-table", copy, "--into", shop.url, "--plan")
    #expect(plan.status == 0 && plan.output.contains("update the rows that differ"), "\(plan)")

    // The trigger writes the row that goes into the log, which nobody has said may change.
    let refused = try shop.belay("restore", "--from-table", copy, "--into", shop.url, "--yes")
    #expect(refused.status == 31 && refused.errors.contains("add --allow-loss-of log"), "\(refused)")
    #expect(refused.errors.contains("untouched"))
    let run = try shop.belay(
      "restore", "--from-table", copy, "--into", shop.url, "--yes", "--allow-loss-of", "log")
    #expect([0, 3].contains(run.status) && run.errors.contains("the copy does not have since"), "\(run)")
    #expect(try shop.sqlite("SELECT id, name, email FROM customers ORDER BY id") == rows)
    #expect(try shop.sqlite("SELECT count(*) FROM orders") == "101")
    #expect(try shop.sqlite("SELECT what FROM log") == "gone: new")
    let again = try shop.belay("restore", "--from-table", copy, "--into", shop.url, "--yes")
    #expect(again.status == 0 && again.errors.contains("has the rows of \(copy) already"), "\(again)")
    // What it did can be undone like any change.
    #expect(run.output.contains("belay rollback"), "\(run)")
  }

  @Test func `what somebody has changed is neither put back nor dropped`() throws {
    let shop = try Workspace()
    try make(shop, "--table", "orders", "--table", "log", "--keep-for", "1h")
    let (orders, log) = (try shop.copy(of: "orders"), try shop.copy(of: "log"))
    try shop.sqlite("UPDATE \(orders) SET cents = 0 WHERE id = 1; ALTER TABLE log RENAME COLUMN what TO why")
    let before = try shop.dump()
    for arguments in [
      ["restore", "--from-table", orders, "--into", shop.url, "--yes"],
      ["snapshot-table", shop.url, "--drop", orders, "--drop", log, "--confirm"],
    ] {
      let run = try shop.belay(arguments)
      #expect(run.status == 22 && run.errors.contains("is not as it was copied"), "\(run)")
    }
    let gone = try shop.belay("restore", "--from-table", log, "--into", shop.url, "--yes")
    #expect(gone.status == 22 && gone.errors.contains("has no place any more for what"), "\(gone)")
    let other = try shop.belay("snapshot-table", shop.url, "--drop", "customers", "--confirm")
    #expect(other.status == 10 && other.errors.contains("is no copy that belay has made"), "\(other)")
    #expect(try shop.dump() == before)
    #expect(try shop.belay("snapshot-table", shop.url, "--prune", "--confirm").output.contains("keep"))

    try shop.sqlite("UPDATE belay_table_copies SET expires_at = '2020-01-01T00:00:00Z'")
    let shown = try shop.belay("snapshot-table", shop.url, "--prune")
    #expect(shown.status == 3 && shown.output.contains("left    \(orders)"), "\(shown)")
    #expect(shown.output.contains("drop    \(log)"))
    try #require(try shop.belay("snapshot-table", shop.url, "--prune", "--confirm").status == 3)
    #expect(
      try shop.sqlite("SELECT name FROM sqlite_schema WHERE name LIKE '\\_backup%' ESCAPE '\\'") == orders)
    try shop.sqlite("DROP TABLE \(orders)")
    #expect(try shop.belay("snapshot-table", shop.url, "--list").output.contains("gone"))
    #expect(try shop.belay("snapshot-table", shop.url, "--drop", orders, "--confirm").output.contains("forget"))
    #expect(try shop.sqlite("SELECT count(*) FROM belay_table_copies") == "0")
    // A row that names any other table is no reason to drop that.
    try shop.sqlite(
      "INSERT INTO belay_table_copies VALUES ('', 'log', '', 'x', '[]', '', '2020-01-01T00:00:00Z', 0, '', '', '', '')")
    #expect(try shop.belay("snapshot-table", shop.url, "--prune", "--confirm").errors.contains("nothing to drop"))
  }

  @Test func `rows come back under their numbers, which a full-text index holds`() throws {
    let shop = try Workspace(
      schema: """
        CREATE TABLE docs (title TEXT, body TEXT); CREATE TABLE words (word TEXT PRIMARY KEY, more TEXT);
        INSERT INTO docs(rowid, title, body) VALUES (10, 'ten', 'apple'), (20, 'twenty', 'pear'), (30, 'thirty', 'plum');
        INSERT INTO words(rowid, word) VALUES (7, 'a'), (9, 'b');
        CREATE VIRTUAL TABLE found USING fts5(title, body, content='docs', content_rowid='rowid');
        INSERT INTO found(found) VALUES ('rebuild');
        """)
    try make(shop, "--table", "docs", "--table", "words")
    try shop.sqlite(
      "UPDATE docs SET title = 'T' WHERE rowid = 20; DELETE FROM docs WHERE rowid = 30; DELETE FROM words")
    for table in ["docs", "words"] {
      let run = try shop.belay("restore", "--from-table", shop.copy(of: table), "--into", shop.url, "--yes")
      #expect([0, 3].contains(run.status), "\(run)")
    }
    #expect(try shop.sqlite("SELECT group_concat(rowid || title, ' ') FROM docs") == "10ten 20twenty 30thirty")
    #expect(try shop.sqlite("SELECT group_concat(rowid || word, ' ') FROM words") == "7a 9b")
    #expect(try shop.sqlite("INSERT INTO found(found, rank) VALUES ('integrity-check', 1); SELECT 'sound'") == "sound")
    #expect(try shop.sqlite("SELECT rowid FROM found('plum')") == "30")
  }

  @Test func `what a cascade takes of the table itself is named, and stays until it is allowed`() throws {
    let shop = try Workspace(
      schema: """
        CREATE TABLE tree (id INTEGER PRIMARY KEY, parent INT REFERENCES tree ON DELETE CASCADE, name TEXT);
        INSERT INTO tree VALUES (1, NULL, 'root'), (2, 1, 'branch'), (3, 2, 'leaf');
        """)
    try make(shop, "--table", "tree")
    try shop.sqlite(
      """
      ALTER TABLE tree ADD COLUMN note TEXT; UPDATE tree SET note = 'precious';
      INSERT INTO tree VALUES (100, NULL, 'other', 'x'); UPDATE tree SET parent = 100 WHERE id = 2;
      """)
    let before = try shop.dump()
    let arguments = ["restore", "--from-table", try shop.copy(of: "tree"), "--into", shop.url, "--yes"]
    let refused = try shop.belay(arguments)
    #expect(refused.status == 31 && refused.errors.contains("add --allow-loss-of tree"), "\(refused)")
    #expect(try shop.dump() == before)
    let slip = try shop.belay(arguments + ["--allow-loss-of", "tre"])
    #expect(slip.status == 31 && slip.errors.contains("did you mean tree?"), "\(slip)")
    let run = try shop.belay(arguments + ["--allow-loss-of", "tree"])
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.sqlite("SELECT group_concat(id || name, ' ') FROM tree") == "1root 2branch 3leaf")
  }

  @Test func `a copy that something uses, or whose columns have other names, is left`() throws {
    let shop = try Workspace()
    try make(shop, "--table", "customers", "--table", "orders", "--table", "log")
    let (customers, orders) = (try shop.copy(of: "customers"), try shop.copy(of: "orders"))
    try shop.sqlite(
      """
      CREATE UNIQUE INDEX one ON \(customers)(id);
      CREATE TABLE fixes (customer INT REFERENCES \(customers)(id) ON DELETE CASCADE);
      INSERT INTO fixes VALUES (1);
      ALTER TABLE \(orders) RENAME COLUMN customer TO c; ALTER TABLE \(orders) RENAME COLUMN cents TO customer;
      ALTER TABLE \(orders) RENAME COLUMN c TO cents;
      UPDATE belay_table_copies SET expires_at = '2020-01-01T00:00:00Z';
      """)
    let used = try shop.belay("snapshot-table", shop.url, "--drop", customers, "--confirm")
    #expect(used.status == 22 && used.errors.contains("is used by table fixes"), "\(used)")
    let exchanged = try shop.belay("restore", "--from-table", orders, "--into", shop.url, "--yes")
    #expect(exchanged.status == 22 && exchanged.errors.contains("is not as it was copied"), "\(exchanged)")
    let pruned = try shop.belay("snapshot-table", shop.url, "--prune", "--confirm")
    #expect(pruned.status == 3 && pruned.errors.contains("2 copies were left"), "\(pruned)")
    #expect(try shop.sqlite("SELECT count(*) FROM fixes") == "1")
    #expect(
      try shop.sqlite(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name LIKE '\\_backup%' ESCAPE '\\' ORDER BY 1")
        == "\(customers)\n\(orders)")
    try shop.sqlite("CREATE VIEW seen AS SELECT * FROM log")
    let view = try shop.belay("snapshot-table", shop.url, "--table", "seen")
    #expect(view.status == 22 && view.errors.contains("seen is a view"), "\(view)")
  }
}
