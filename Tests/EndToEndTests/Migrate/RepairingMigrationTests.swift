import Foundation
import Testing

@Suite("What was wrong before a migration does not count against it")
struct RepairingMigrationTests {
  /// The schema, what is made of it behind SQLite's back, the migration, and what the database answers then.
  private static let repairs: [(schema: String, change: String, migration: String)] = [
    (
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, NULL), (2, NULL), (3, 'x')",
      "UPDATE sqlite_schema SET sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a NOT NULL)' WHERE name = 't'",
      "UPDATE t SET a = '' WHERE a IS NULL"
    ),
    // A part of the repair, and none at all.
    (
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a); INSERT INTO t VALUES (1, NULL), (2, NULL), (3, 'x')",
      "UPDATE sqlite_schema SET sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, a NOT NULL)' WHERE name = 't'",
      "UPDATE t SET a = '' WHERE id = 1"
    ),
    (
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); CREATE INDEX i ON t (a); INSERT INTO t VALUES (1, 2, 3), (2, 3, 4)",
      "UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON t (b)' WHERE name = 'i'", "REINDEX"
    ),
    (
      "CREATE TABLE t (id INTEGER PRIMARY KEY, a, b); CREATE INDEX i ON t (a); INSERT INTO t VALUES (1, 2, 3), (2, 3, 4)",
      "UPDATE sqlite_schema SET sql = 'CREATE INDEX i ON t (b)' WHERE name = 'i'",
      "-- belay: no-transaction\nVACUUM"
    ),
    // Rows that refer to nothing get other ids, and their table another name.
    (
      "CREATE TABLE p (id INTEGER PRIMARY KEY); CREATE TABLE c (id INTEGER PRIMARY KEY, p REFERENCES p(id));"
        + " INSERT INTO c VALUES (1, 7), (2, 8)", "",
      "PRAGMA foreign_keys = OFF;\nUPDATE c SET id = id + 10;\nALTER TABLE c RENAME TO d"
    ),
    ("CREATE TABLE t (a); CREATE VIEW v AS SELECT * FROM gone", "", "CREATE TABLE gone (a)"),
    ("CREATE TABLE t (a); CREATE VIEW v AS SELECT * FROM gone", "", "ALTER TABLE t ADD COLUMN b"),
  ]

  @Test("a migration repairs it, or leaves it as it is", arguments: repairs.indices)
  func repair(index: Int) throws {
    let (schema, change, migration) = Self.repairs[index]
    let shop = try Workspace(schema: schema)
    if !change.isEmpty { try shop.sqlite("PRAGMA writable_schema = ON; \(change);") }
    try shop.migration("1.sql", migration + ";\n")
    let doctor = try shop.belay("doctor", shop.url)
    #expect([0, 3].contains(doctor.status), "\(doctor)")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM belay_migrations") == "1")
  }

  @Test(
    "what gets worse does count",
    arguments: [
      ("DROP TABLE orders;", "this view cannot be read"),
      (
        "ALTER TABLE customers RENAME TO old;\nCREATE TABLE customers (id INTEGER PRIMARY KEY, name, email);\n"
          + "INSERT INTO customers SELECT * FROM old;\nDROP TABLE old;", "refers to the table old, which does not exist"
      ),
      ("INSERT INTO broken VALUES (3, 9), (4, 9);", "refers to a row that does not exist in parents"),
      (
        "UPDATE broken SET id = id + 10;\nINSERT INTO broken VALUES (1, 9);",
        "refers to a row that does not exist in parents"
      ),
    ])
  func worse(migration: String, says: String) throws {
    let shop = try Workspace()
    try shop.sqlite(
      """
      CREATE TABLE parents (id INTEGER PRIMARY KEY); CREATE TABLE broken (id INTEGER PRIMARY KEY, p REFERENCES parents(id));
      INSERT INTO broken VALUES (1, 7), (2, 8);
      """)
    let before = try shop.dump()
    try shop.migration("1.sql", "PRAGMA foreign_keys = OFF;\n-- belay: allow-loss customer_gone\n\(migration)\n")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect(run.status == 31 && run.errors.contains(says), "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test("a table that one file drops and the next makes anew is judged on the database as in the rehearsal")
  func replaced() throws {
    let shop = try Workspace(schema: "CREATE TABLE cache (k TEXT PRIMARY KEY); INSERT INTO cache VALUES ('a'), ('b');")
    try shop.migration("1.sql", "DROP TABLE cache;")
    try shop.migration("2.sql", "CREATE TABLE cache (k TEXT PRIMARY KEY, v BLOB);\nINSERT INTO cache (k) VALUES ('c');")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.sqlite("SELECT k FROM cache") == "c")
  }
}
