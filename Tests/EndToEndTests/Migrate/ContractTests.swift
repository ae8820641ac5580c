import Foundation
import Testing

@Suite("The contract by effects: what a rebuild takes along is found, whatever else the file writes")
struct ContractTests {
  /// A parent and its child, and what becomes of the child's rows when the parent's go.
  private static func schema(_ action: String) -> String {
    """
    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
    CREATE TABLE posts (id INTEGER PRIMARY KEY, u INTEGER REFERENCES users(id) ON DELETE \(action), t TEXT);
    INSERT INTO users VALUES (1, 'a'), (2, 'b'), (3, 'c');
    INSERT INTO posts VALUES (1, 1, 'x'), (2, 2, 'y'), (3, 3, 'z'), (4, 3, 'z');
    """
  }

  private static let rebuild = """
    CREATE TABLE users_new (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
    INSERT INTO users_new SELECT id, name FROM users;
    DROP TABLE users;
    ALTER TABLE users_new RENAME TO users;
    """

  /// What the file does to the child by itself.
  static let writes = [
    "", "DELETE FROM posts WHERE t = 'nosuch';", "DELETE FROM posts WHERE id = 1;",
    "INSERT INTO posts VALUES (11, NULL, 'n'), (12, NULL, 'n'), (13, NULL, 'n'), (14, NULL, 'n');",
    "UPDATE posts SET t = 'w' WHERE id = 1;", "REPLACE INTO posts VALUES (1, NULL, 'r');",
    "INSERT INTO posts VALUES (1, NULL, 'u') ON CONFLICT(id) DO UPDATE SET t = 'u';",
    "ALTER TABLE posts ADD COLUMN more TEXT;",
    "CREATE TABLE p (id INTEGER PRIMARY KEY, u INTEGER REFERENCES users(id) ON DELETE ACTION, t TEXT); "
      + "INSERT INTO p SELECT id, u, t FROM posts; DROP TABLE posts; ALTER TABLE p RENAME TO posts;",
  ]

  @Test("the child's rows are lost or changed by the parent's rebuild", arguments: ["CASCADE", "SET NULL"], writes)
  func caught(action: String, write: String) throws {
    let write = write.replacing("ON DELETE ACTION", with: "ON DELETE \(action)")
    for file in ["\(write)\n\(Self.rebuild)", "\(Self.rebuild)\n\(write)"] {
      let shop = try Workspace(schema: Self.schema(action))
      try shop.migration("1.sql", "PRAGMA defer_foreign_keys=ON;\n\(file)")
      let before = try shop.dump()
      let run = try shop.belay("migrate", shop.url, "--yes")
      #expect(run.status == 31, "\(file)\n\(run)")
      #expect(run.errors.contains("ON DELETE \(action) of posts.u, by 1.sql, line "), "\(run)")
      #expect(run.errors.contains("failed rehearse"), "\(run)")
      #expect(try shop.dump() == before)
    }
  }

  @Test("the same without a rehearsal, on the database itself", arguments: ["CASCADE", "SET NULL"])
  func caughtOnTarget(action: String) throws {
    for write in Self.writes.map({ $0.replacing("ON DELETE ACTION", with: "ON DELETE \(action)") }) {
      let shop = try Workspace(schema: Self.schema(action))
      try shop.migration("1.sql", "PRAGMA defer_foreign_keys=ON;\n\(Self.rebuild)\n\(write)")
      let before = try shop.dump()
      let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse")
      #expect(run.status == 31, "\(write)\n\(run)")
      #expect(run.errors.contains("ON DELETE \(action) of posts.u, by 1.sql, line "), "\(run)")
      #expect(try shop.dump() == before)
    }
  }

  @Test(
    "a rebuild with the keys off takes nothing along, whatever else the file writes",
    arguments: ["CASCADE", "SET NULL"], writes)
  func sound(action: String, write: String) throws {
    let write = write.replacing("ON DELETE ACTION", with: "ON DELETE \(action)")
    let shop = try Workspace(schema: Self.schema(action))
    try shop.migration("1.sql", "PRAGMA foreign_keys=OFF;\n\(Self.rebuild)\n\(write)")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 0, "\(run)")
  }

  /// Files, and what of them is refused; empty: nothing.
  static let others: [(String, String)] = [
    // One row is named; its cascade takes more of the same table.
    (
      "DELETE FROM tree WHERE id = 1;",
      "table tree: lost 2 of 3 rows beyond what the statements write: ON DELETE CASCADE of tree.up"
    ),
    ("DELETE FROM tree;", ""),
    ("-- belay: allow-loss tree\nDELETE FROM tree WHERE id = 1;", ""),
    // What a trigger fills in is what the statement does.
    ("UPDATE items SET v = 1;", ""),
    ("INSERT INTO items VALUES (5, 'n', NULL);", ""),
    // What it does elsewhere is not, though another statement writes that table too.
    ("UPDATE items SET v = 1;\nINSERT INTO log VALUES ('m');\nDELETE FROM items WHERE id = 1;", "table log"),
    ("-- belay: allow-change log\nDELETE FROM items WHERE id = 1;\nINSERT INTO log VALUES ('m');", ""),
    // The same rows again: nothing is different.
    (
      "CREATE TEMP TABLE kept AS SELECT * FROM tree;\nDELETE FROM tree WHERE id = 1;\nINSERT INTO tree SELECT * FROM kept;",
      ""
    ),
  ]

  @Test("what a statement takes along in its own table, and what a trigger does", arguments: others)
  func beyondItsRows(file: String, refused: String) throws {
    let shop = try Workspace(
      schema: """
        CREATE TABLE tree (id INTEGER PRIMARY KEY, up REFERENCES tree(id) ON DELETE CASCADE);
        INSERT INTO tree VALUES (1, NULL), (2, 1), (3, 2);
        CREATE TABLE items (id INTEGER PRIMARY KEY, name TEXT, v); CREATE TABLE log (what);
        CREATE TRIGGER filled AFTER INSERT ON items BEGIN UPDATE items SET v = 0 WHERE id = new.id; END;
        CREATE TRIGGER changed AFTER UPDATE OF v ON items BEGIN UPDATE items SET name = name || '.' WHERE id = new.id; END;
        CREATE TRIGGER gone AFTER DELETE ON items BEGIN INSERT INTO log VALUES (old.name); END;
        INSERT INTO items VALUES (1, 'a', 1), (2, 'b', 2);
        """)
    try shop.migration("1.sql", file)
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == (refused.isEmpty ? 0 : 31), "\(run)")
    #expect(refused.isEmpty || run.errors.contains(refused), "\(run)")
  }
}
