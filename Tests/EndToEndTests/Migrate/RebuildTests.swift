import Foundation
import Testing

@Suite("A table that is made anew holds the same rows, but for what was written for them")
struct RebuildTests {
  private static let schema = """
    CREATE TABLE t (id INTEGER PRIMARY KEY, email TEXT, n INT, note TEXT);
    INSERT INTO t VALUES (1, 'x', 1, 'one'), (2, 'y', 2, 'two'), (5, 'z', 3, NULL);
    CREATE TABLE other (id INTEGER PRIMARY KEY, note TEXT);
    INSERT INTO other VALUES (7, 'x'), (8, 'y'), (9, 'z');
    """

  /// What fills the new table, and what is found; empty: nothing.
  static let fillings: [(String, String)] = [
    ("INSERT INTO n SELECT * FROM t;", ""),
    ("INSERT INTO n(note, id, email, n) SELECT note, id, email, n FROM t;", ""),
    ("INSERT INTO n SELECT id, lower(email), n + 1, note FROM t;", ""),
    ("INSERT INTO n SELECT id + 100, email, n, note FROM t;", ""),
    ("INSERT INTO n SELECT * FROM t;\nINSERT INTO n VALUES (6, 'new', 1, 'n');", ""),
    ("INSERT INTO n SELECT * FROM t;\nUPDATE n SET note = 'filled' WHERE note IS NULL;", ""),
    ("UPDATE t SET note = 'filled';\nINSERT INTO n SELECT * FROM t;", ""),
    ("-- belay: allow-loss t\nINSERT INTO n SELECT * FROM other JOIN (SELECT 1, 2);", ""),
    ("-- belay: allow-change t\nINSERT INTO n(id, email, n) SELECT id, email, n FROM t;", ""),
    // A column that is forgotten, that is misspelt, or that took another's place.
    ("INSERT INTO n(id, email, n) SELECT id, email, n FROM t;", "2 of its 3 rows have other values in note"),
    ("INSERT INTO n SELECT id, email, n, \"nota\" FROM t;", "3 of its 3 rows have other values in note"),
    ("INSERT INTO n SELECT id, note, n, email FROM t;", "3 of its 3 rows have other values in email, note"),
    ("INSERT INTO n SELECT * FROM t;\nUPDATE n SET email = 'e';\nUPDATE n SET id = id WHERE 0;", ""),
    // Rows that are not the same, though there are as many.
    (
      "INSERT INTO n(email, n, note) SELECT email, n, note FROM t;",
      "1 of its 3 rows is no longer there, such as id 5, though there are others"
    ),
    (
      "INSERT INTO n SELECT * FROM t WHERE id < 5;\nINSERT INTO n VALUES (6, 'new', 1, 'n');",
      "1 of its 3 rows is no longer there, such as id 5"
    ),
    ("INSERT INTO n SELECT id, note, id, note FROM other;", "3 of its 3 rows are no longer there, such as id 1"),
    ("INSERT INTO n SELECT * FROM t WHERE id < 5;", "was rebuilt and lost 1 of 3 rows"),
  ]

  static let orders = [
    "CREATE TABLE n (id INTEGER PRIMARY KEY, email TEXT, n INT, note TEXT);\nFILL\nDROP TABLE t;\nALTER TABLE n RENAME TO t;",
    // As it was done before, and is still found in old files.
    "ALTER TABLE t RENAME TO o;\nCREATE TABLE t (id INTEGER PRIMARY KEY, email TEXT, n INT, note TEXT);\nFILL\nDROP TABLE o;",
  ]

  @Test("whatever order the rebuild has", arguments: fillings, orders)
  func rebuilt(_ filling: (sql: String, found: String), order: String) throws {
    var fill = filling.sql
    if order.hasPrefix("ALTER") {
      fill = fill.replacing(#/\bFROM t\b/#, with: "FROM o").replacing("UPDATE t ", with: "UPDATE o ")
        .replacing(#/\b(INTO|UPDATE) n\b/#) { "\($0.output.1) t" }
    }
    if fill.contains("JOIN (SELECT") {
      fill = fill.replacing("SELECT * FROM other JOIN (SELECT 1, 2)", with: "SELECT id, note, 1, 2 FROM other")
    }
    let shop = try Workspace(schema: Self.schema)
    try shop.migration("1.sql", "PRAGMA foreign_keys=OFF;\n" + order.replacing("FILL", with: fill))
    let before = try shop.dump()
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == (filling.found.isEmpty ? 0 : 31), "\(fill)\n\(run)")
    #expect(filling.found.isEmpty || run.errors.contains("table t: was rebuilt"), "\(run)")
    #expect(run.errors.contains(filling.found) || filling.found.isEmpty, "\(fill)\n\(run)")
    if !filling.found.isEmpty { #expect(try shop.dump() == before) }
  }

  @Test("a table without a key is compared by its rows' content")
  func withoutKey() throws {
    let shop = try Workspace(schema: "CREATE TABLE t (a, b); INSERT INTO t VALUES (1, 'x'), (1, 'x'), (2, 'y');")
    let rebuild = "CREATE TABLE n (b, a, c);\nFILL\nDROP TABLE t;\nALTER TABLE n RENAME TO t;"
    let fillings: [(String, Int32)] = [
      ("INSERT INTO n(a, b) SELECT DISTINCT a, b FROM t; INSERT INTO n(a, b) VALUES (3, 'z');", 31),
      ("INSERT INTO n SELECT a, b, 1 FROM t;", 31), ("INSERT INTO n SELECT b, a, 1 FROM t;", 0),
    ]
    for (index, (fill, status)) in fillings.enumerated() {
      try shop.migration("\(index).sql", rebuild.replacing("FILL", with: fill))
      let run = try shop.belay("migrate", shop.url, "migrations/\(index).sql", "--yes")
      #expect(run.status == status, "\(fill)\n\(run)")
    }
  }
}
