import BelayDrivers
import DriverTesting
import Foundation
import Testing

@Suite("The footprint of a transaction: every row that it wrote, and which of them its statements wrote themselves")
struct FootprintTests {
  static let schema = """
    CREATE TABLE parents(id INTEGER PRIMARY KEY, name); CREATE TABLE log(what);
    CREATE TABLE children(id INTEGER PRIMARY KEY, p REFERENCES parents(id) ON DELETE CASCADE);
    CREATE TABLE friends(id INTEGER PRIMARY KEY, p REFERENCES parents(id) ON DELETE SET NULL ON UPDATE CASCADE);
    CREATE TABLE tree(id INTEGER PRIMARY KEY, up REFERENCES tree(id) ON DELETE CASCADE);
    CREATE TABLE keyed(k TEXT PRIMARY KEY, v) WITHOUT ROWID;
    CREATE TABLE items(id INTEGER PRIMARY KEY, code UNIQUE, v);
    CREATE TABLE "odd ""name" (x);
    CREATE TRIGGER gone AFTER DELETE ON parents BEGIN INSERT INTO log VALUES(old.name); END;
    CREATE TRIGGER touched AFTER UPDATE OF v ON items BEGIN UPDATE items SET code = code || 'x' WHERE id = new.id; END;
    INSERT INTO parents VALUES(1,'a'),(2,'b'),(3,'c'); INSERT INTO children VALUES(10,1),(11,1),(12,2);
    INSERT INTO friends VALUES(20,1),(21,3); INSERT INTO tree VALUES(1,NULL),(2,1),(3,2); INSERT INTO keyed VALUES('a',1),('b',2);
    INSERT INTO items VALUES(1,'a',1),(2,'b',2);
    """

  private func look(_ connection: Connection) throws -> [String: TableFootprint] {
    let found = try #require(try connection.footprint(operation: Operation()))
    return Dictionary(uniqueKeysWithValues: found.map { ($0.table, $0) })
  }

  /// "children: -3/-0": all rows and, behind the stroke, those of the statements themselves.
  private func written(_ connection: Connection) throws -> [String] {
    try look(connection).values.compactMap { table in
      guard let own = table.own else { return "\(table.table): not told" }
      let parts = [
        ("+", table.inserted, own.inserted), ("~", table.updated, own.updated), ("-", table.deleted, own.deleted),
      ]
      .filter { $0.1 != 0 || $0.2 != 0 }.map { "\($0.0)\($0.1)/\($0.2)" }
      return parts.isEmpty ? nil : "\(table.table): \(parts.joined(separator: " "))"
    }.sorted()
  }

  static let cases: [(String, [String])] = [
    ("DELETE FROM parents WHERE id = 1", ["children: -2/0", "friends: ~1/0", "log: +1/0", "parents: -1/1"]),
    ("DELETE FROM parents", ["children: -3/0", "friends: ~2/0", "log: +3/0", "parents: -3/3"]),
    ("DELETE FROM children", ["children: -3/3"]),
    ("DELETE FROM keyed; DELETE FROM log", ["keyed: -2/2"]),
    ("UPDATE parents SET id = 30 WHERE id = 3", ["friends: ~1/0", "parents: ~1/1"]),
    ("DELETE FROM tree WHERE id = 1", ["tree: -3/1"]),
    // It says so of every row, also of those that the key has taken already.
    ("DELETE FROM tree", ["tree: -3/3"]), ("delete /* WHERE */ from main.tree;", ["tree: -3/3"]),
    ("UPDATE items SET v = 9", ["items: ~4/2"]),
    ("INSERT INTO items VALUES(3,'c',3) ON CONFLICT(code) DO UPDATE SET v = 4", ["items: +1/1"]),
    ("INSERT INTO items VALUES(3,'a',3) ON CONFLICT(code) DO UPDATE SET v = 4", ["items: ~2/1"]),
    ("INSERT OR REPLACE INTO items VALUES(9,'a',3)", ["items: +1/1 -1/1"]),
    ("REPLACE INTO parents VALUES(1,'z')", ["children: -2/0", "friends: ~1/0", "parents: +1/1 -1/1"]),
    ("INSERT OR IGNORE INTO items VALUES(1,'a',3)", []),
    ("REPLACE INTO keyed VALUES('a', 3)", ["keyed: +1/1 -1/1"]),
    ("INSERT INTO \"odd \"\"name\" SELECT 1 UNION ALL SELECT 2", ["odd \"name: +2/2"]),
    // A rebuild.
    (
      "CREATE TABLE n(id INTEGER PRIMARY KEY, name); INSERT INTO n SELECT id, name FROM parents; DROP TABLE parents; ALTER TABLE n RENAME TO parents",
      ["children: -3/0", "friends: ~2/0", "parents: +3/3"]
    ),
    // Tables under other names, and other tables under their names.
    ("DELETE FROM tree WHERE id = 3; ALTER TABLE tree RENAME TO wood", ["wood: -1/1"]),
    ("DELETE FROM keyed; DROP TABLE keyed; CREATE TABLE keyed(a); INSERT INTO keyed VALUES(1)", ["keyed: +1/1"]),
    ("ALTER TABLE items ADD COLUMN more DEFAULT 1; ALTER TABLE items DROP COLUMN more", []),
    // A temporary table is nobody's business.
    ("CREATE TEMP TABLE keyed(a); INSERT INTO keyed VALUES(1); DELETE FROM main.keyed WHERE k = 'a'", ["keyed: -1/1"]),
  ]

  @Test("of each kind of statement", arguments: cases, [false, true])
  func written(change: (String, [String]), vacuums: Bool) throws {
    let sample = try Sample((vacuums ? "PRAGMA auto_vacuum = FULL;" : "") + Self.schema)
    defer { sample.keep() }
    let connection = try sample.connect()
    defer { connection.close() }
    #expect(try written(connection) == [])
    try connection.run("BEGIN IMMEDIATE")
    // What is dropped moves the pages of others.
    try connection.run("CREATE TABLE early(x); DROP TABLE early")
    for statement in change.0.components(separatedBy: "; ") { try connection.run(statement) }
    #expect(try written(connection) == change.1)
    try connection.run("ROLLBACK")
    #expect(try written(connection) == [])
    // The next one begins anew, also with all in one call.
    try connection.run("BEGIN IMMEDIATE; \(change.0)")
    #expect(try written(connection) == change.1)
    try connection.run("COMMIT; BEGIN IMMEDIATE")
    #expect(try written(connection) == [])
    try connection.run("ROLLBACK")
  }

  @Test("a statement that failed has written nothing")
  func failed() throws {
    let sample = try Sample(Self.schema)
    defer { sample.keep() }
    let connection = try sample.connect()
    defer { connection.close() }
    try connection.run("BEGIN IMMEDIATE; DELETE FROM children WHERE id = 10")
    #expect(throws: (any Error).self) { try connection.run("INSERT INTO items VALUES(7,'q',1),(8,'r',1),(9,'a',1)") }
    #expect(try written(connection) == ["children: -1/1"])
    try connection.run("INSERT INTO items VALUES(7,'q',1)")
    #expect(try written(connection) == ["children: -1/1", "items: +1/1"])
    try connection.run("ROLLBACK")
  }

  @Test(
    "a table that is emptied, or made anew under its name, has another storage; one that is renamed or altered has not")
  func storage() throws {
    let sample = try Sample(Self.schema)
    defer { sample.keep() }
    let connection = try sample.connect()
    defer { connection.close() }
    let before = try look(connection)
    try connection.run("BEGIN IMMEDIATE; ALTER TABLE items ADD COLUMN more; ALTER TABLE tree RENAME TO wood")
    try connection.run("DROP TABLE keyed; CREATE TABLE keyed(a)")
    let now = try look(connection)
    #expect(now["items"]?.storage == before["items"]?.storage)
    #expect(now["keyed"]?.storage != before["keyed"]?.storage)
    #expect(now["tree"] == nil && now["wood"] != nil)
    #expect(now.values.allSatisfy { $0.blocks == .writes } && before.values.allSatisfy { $0.blocks == .nothing })
    try connection.run("ROLLBACK")
  }

  @Test("what reached a table is told: the actions of its foreign keys, and triggers")
  func reached() throws {
    let sample = try Sample(Self.schema)
    defer { sample.keep() }
    let connection = try sample.connect()
    defer { connection.close() }
    try connection.run("BEGIN IMMEDIATE; DELETE FROM parents; UPDATE items SET v = 1")
    let now = try look(connection)
    #expect(now["children"]?.reachedBy == "ON DELETE CASCADE of children.p")
    #expect(now["friends"]?.reachedBy == "ON DELETE SET NULL of friends.p, ON UPDATE CASCADE of friends.p")
    #expect(now["log"]?.reachedBy == "trigger gone of parents")
    #expect(now["items"]?.reachedBy == "trigger touched of items")
    #expect(now["parents"]?.reachedBy == nil)
    try connection.run("ROLLBACK")
  }
}
