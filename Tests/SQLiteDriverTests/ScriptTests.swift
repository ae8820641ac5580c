import BelayDrivers
import DriverTesting
import Foundation
import Testing

struct ScriptTests {
  static let schema = """
    CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE orders(u REFERENCES users ON DELETE CASCADE);
    CREATE TABLE log(what); CREATE INDEX users_name ON users(name); CREATE VIEW names AS SELECT name FROM users;
    CREATE TRIGGER tell AFTER DELETE ON users BEGIN INSERT INTO log VALUES(old.name); END;
    CREATE TRIGGER into_names INSTEAD OF INSERT ON names BEGIN INSERT INTO users(name) VALUES(new.name); END;
    CREATE VIRTUAL TABLE docs USING fts5(body);
    """

  /// A statement and what it writes: kind, name in its parent, actions.
  static let writing: [(String, [String])] = [
    ("SELECT * FROM users", []),
    ("INSERT INTO users VALUES(1,'x')", ["table users insert"]),
    ("INSERT OR REPLACE INTO users VALUES(1,'x')", ["table users insert,delete"]),
    ("REPLACE INTO users VALUES(1,'x')", ["table users insert,delete"]),
    ("INSERT INTO users VALUES(1,'x') ON CONFLICT DO UPDATE SET name='y'", ["table users insert,update"]),
    ("UPDATE users SET name='z'", ["table users update"]),
    ("WITH x AS (SELECT 1) DELETE FROM users WHERE id IN x", ["table users delete"]),
    ("INSERT INTO names VALUES('x')", ["view names insert"]),
    ("CREATE TABLE t(a)", ["table t create"]),
    ("CREATE TABLE IF NOT EXISTS users(a)", []),
    ("CREATE TABLE t AS SELECT * FROM users", ["table t insert,create"]),
    ("CREATE TEMP TABLE t(a)", ["table temp.t create"]),
    ("DROP TABLE users", ["table users drop"]),
    ("DROP TABLE IF EXISTS nowhere", []),
    ("DROP VIEW names", ["view names drop"]),
    ("CREATE INDEX i ON users(id)", ["index users/i create"]),
    ("DROP INDEX users_name", ["index users/users_name drop"]),
    ("DROP TRIGGER tell", ["trigger users/tell drop"]),
    ("CREATE TRIGGER n AFTER INSERT ON users BEGIN DELETE FROM log; END", ["trigger users/n create"]),
    ("ALTER TABLE log ADD COLUMN at", ["table log alter", "column log/at create"]),
    (
      "ALTER TABLE log RENAME COLUMN what TO it",
      ["table log alter", "column log/what drop,alter", "column log/it create,alter"]
    ),
    (
      "ALTER TABLE orders ADD COLUMN a; ALTER TABLE orders DROP COLUMN a",
      ["table orders alter", "column orders/a create"]
    ),
    ("PRAGMA user_version=3", ["setting user_version alter"]),
    ("PRAGMA user_version", []),
  ]

  /// A statement, and the columns that get the value of an expression; nil: it cannot be told.
  static let computing: [(String, [String]?)] = [
    ("INSERT INTO users SELECT * FROM users", []),
    ("INSERT INTO people(id, name) SELECT id, name FROM users", []),
    ("INSERT INTO people(id, name) SELECT users.id, main.users.name n FROM users", []),
    ("INSERT INTO people(id, name) SELECT id, \"name\" AS x FROM users WHERE id > 1 ORDER BY (id + 1)", []),
    ("INSERT INTO people(name, id) SELECT name, id FROM users", []),
    ("INSERT INTO people(id) SELECT id FROM users", []),
    ("INSERT INTO people(id, name) SELECT id, lower(name) FROM users", ["name"]),
    ("INSERT INTO people(id, Name) SELECT id, name || 'x' AS name FROM users", ["name"]),
    ("INSERT INTO people SELECT id, CAST(name AS INT), nick FROM users", ["name"]),
    ("INSERT INTO people SELECT *, 'none' FROM users", ["nick"]),
    ("INSERT INTO people(nick, id, name) SELECT upper(name), * FROM users", ["nick"]),
    ("INSERT INTO people SELECT id, NULL, 5 FROM users", ["name", "nick"]),
    ("INSERT INTO people SELECT id, name, coalesce((SELECT 1), 2) FROM users", ["nick"]),
    ("INSERT INTO people SELECT DISTINCT id, name, CURRENT_DATE FROM users GROUP BY name", ["nick"]),
    ("INSERT INTO people(id, name) SELECT id, name FROM users UNION ALL SELECT id + 100, name FROM users", ["id"]),
    ("INSERT INTO people(id, name) SELECT id, name FROM users UNION SELECT 9, 'new'", []),
    ("INSERT INTO people VALUES (1, lower('A'), 'n'), (2, 'b', 'n')", []),
    ("INSERT INTO people DEFAULT VALUES", []),
    ("INSERT INTO people(id) SELECT id FROM users WHERE 1 ON CONFLICT(id) DO UPDATE SET nick = 'again'", ["nick"]),
    ("INSERT INTO people(id) SELECT id FROM users RETURNING name", []),
    ("UPDATE people SET name = 'x', nick = (SELECT name FROM users WHERE id = 1) WHERE id = 1", ["name", "nick"]),
    ("UPDATE people SET (id, nick) = (1, 'n')", ["id", "nick"]),
    ("UPDATE people AS p SET nick = u.name FROM users AS u WHERE u.id = p.id", ["nick"]),
    ("WITH a AS (SELECT 1) UPDATE people SET nick = 'x' WHERE id IN a", ["nick"]),
    ("DELETE FROM people", []), ("CREATE TABLE t(a)", []),
    ("INSERT INTO people(id, name) SELECT u.id, p.nick FROM users u JOIN people p ON p.id = u.id", nil),
    ("INSERT INTO people(id, name) SELECT id, name FROM (SELECT id, lower(name) AS name FROM users)", nil),
    ("INSERT INTO people(id, name) SELECT users.id, people.nick FROM users, people", nil),
    ("INSERT INTO people(id, name) WITH a AS (SELECT id, 'x' AS name FROM users) SELECT id, name FROM a", nil),
    ("WITH a AS (SELECT id, 'x' AS name FROM users) INSERT INTO people(id, name) SELECT id, name FROM a", nil),
    ("CREATE TABLE t AS SELECT id, lower(name) AS name FROM users", ["name"]),
    ("CREATE TABLE t AS SELECT id, name FROM users", []),
  ]

  @Test("the columns that get the value of an expression are told", arguments: computing)
  func computed(_ sql: String, _ expected: [String]?) throws {
    let schema = "CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT);"
    let people = "CREATE TABLE people(id INTEGER PRIMARY KEY, name TEXT, nick TEXT, twice AS (id * 2));"
    let statement = try #require(
      try split(sql.replacing(", nick FROM users", with: ", name FROM users"), schema + people).first)
    #expect(statement.computed?.map(\.name) == expected, "\(statement.note ?? "")")
    #expect(statement.writes.allSatisfy { $0.kind != "column" })
  }

  private func describe(_ write: ScriptWrite) -> String {
    let names: [(WriteActions, String)] = [
      (.insert, "insert"), (.update, "update"), (.delete, "delete"), (.create, "create"), (.drop, "drop"),
      (.alter, "alter"),
    ]
    let actions = names.filter { write.actions.contains($0.0) }.map(\.1).joined(separator: ",")
    let schema = write.schema.isEmpty ? "" : write.schema + "."
    return "\(write.kind) \(schema)\(write.parent.isEmpty ? "" : write.parent + "/")\(write.name) \(actions)"
  }

  private func split(_ script: String, _ schema: String = schema) throws -> [Statement] {
    let sample = try Sample(schema)
    let before = try Shell.run(sample.path, ".sha3sum --schema")
    let statements = try sample.connect().split(script, operation: Operation())
    #expect(try Shell.run(sample.path, ".sha3sum --schema") == before)
    return statements
  }

  @Test("only a statement's own writes are reported", arguments: writing)
  func writes(_ sql: String, _ expected: [String]) throws {
    let statement = try #require(try split(sql + ";").first)
    #expect(statement.writes.map(describe) == expected)
    #expect(!statement.flags.contains(.unread), "\(statement.note ?? "")")
  }

  @Test("a rename is a drop and a create, and names what else it rewrites")
  func rename() throws {
    let writes = Set(try split("ALTER TABLE users RENAME TO people")[0].writes.map(describe))
    #expect(
      writes.isSuperset(of: [
        "table users drop,alter", "table people create,alter", "table orders alter", "view names alter",
        "index users/users_name drop,alter", "index people/users_name create,alter",
      ]))
  }

  @Test("a virtual table is written with its storage")
  func virtualTable() throws {
    let writes = try split("INSERT INTO docs VALUES('x')")[0].writes
    #expect(writes.first.map(describe) == "virtual_table docs insert")
    #expect(writes.contains { $0.kind == "table" && $0.name == "docs_data" && $0.parent == "docs" })
    let created = try split("CREATE VIRTUAL TABLE more USING fts5(a)")[0].writes
    #expect(created.first.map(describe) == "virtual_table more create")
    #expect(created.contains { $0.name == "more_data" && $0.parent == "more" && $0.actions == .create })
  }

  @Test("a statement sees what those before it have made")
  func sequence() throws {
    let statements = try split(
      "CREATE TABLE new_users(id, name); INSERT INTO new_users SELECT * FROM users; DROP TABLE users;\n"
        + "ALTER TABLE new_users RENAME TO users; UPDATE users SET name = 1; SELECT * FROM new_users",
      "CREATE TABLE users(id INTEGER PRIMARY KEY, name)")
    #expect(statements.map { $0.flags.contains(.unread) } == [false, false, false, false, false, true])
    #expect(statements[3].writes.map(describe).contains("table users create,alter"))
    #expect(statements.last?.note?.contains("new_users") == true)
  }

  static let flagged: [(String, StatementFlags)] = [
    ("BEGIN", .opensTransaction), ("SAVEPOINT a", .opensTransaction), ("COMMIT", .endsTransaction),
    ("end transaction", .endsTransaction), ("ROLLBACK", .endsTransaction), ("RELEASE a", .endsTransaction),
    ("VACUUM", .refusesTransaction), ("VACUUM INTO 'x.db'", .refusesTransaction),
    ("PRAGMA journal_mode=WAL", .refusesTransaction), ("PRAGMA journal_mode", []),
    ("PRAGMA foreign_keys=OFF", .onlyBeforeTransaction), ("pragma main.foreign_keys(0)", .onlyBeforeTransaction),
    ("PRAGMA foreign_keys", []), ("ATTACH 'x.db' AS x", .unread), ("DETACH x", .unread),
    ("PRAGMA writable_schema=ON", .unread), ("SELECT missing(1)", .unread), ("SELECT load_extension('x')", .unread),
    ("SELEC 1", [.unread, .wrongSyntax]), ("SELECT 'a", [.unread, .wrongSyntax]),
    ("SELECT 1 /* a", [.unread, .wrongSyntax]), ("SELECT [a", [.unread, .wrongSyntax]),
    ("SELECT nothing", [.unread, .wrongSyntax]),
    ("SELECT missing", .unread), ("DELETE FROM missing", .unread),
    ("INSERT INTO users VALUES (", [.unread, .wrongSyntax]),
    ("SELECT #", [.unread, .wrongSyntax]),
    (".read other.sql", .client), ("EXPLAIN DELETE FROM users", []),
  ]

  @Test("what the host must know of a statement is flagged", arguments: flagged)
  func flags(_ sql: String, _ expected: StatementFlags) throws {
    let statement = try #require(try split(sql).first)
    #expect(statement.flags == expected, "\(statement.note ?? "")")
    #expect(!expected.contains(.unread) || statement.note?.isEmpty == false)
  }

  @Test("statements are cut where SQLite cuts them, with their lines")
  func pieces() throws {
    let script =
      "\u{FEFF}-- first; a comment\r\n\r\nSELECT 1;;\r\n/* ; */ SELECT ';' AS \"a;b\", [c;d] FROM users;\r\n.tables\r\n"
      + "CREATE TRIGGER x AFTER INSERT ON users BEGIN\r\n  SELECT CASE WHEN 1 THEN 2 END; DELETE FROM log;\r\nEND;\r\n"
      + "SELECT 'it''s' -- the last one has no semicolon\r\n"
    let statements = try split(script, "CREATE TABLE users(\"a;b\", [c;d]); CREATE TABLE log(a);")
    let bytes = Array(script.utf8)
    let texts = statements.map { String(decoding: bytes[$0.offset..<$0.offset + $0.length], as: UTF8.self) }
    #expect(texts.count == 5)
    #expect(texts[0] == "SELECT 1")
    #expect(texts[1].hasPrefix("SELECT ';'") && texts[1].hasSuffix("users"))
    #expect(texts[2] == ".tables")
    #expect(texts[3].hasPrefix("CREATE TRIGGER") && texts[3].hasSuffix("END"))
    #expect(texts[4] == "SELECT 'it''s'")
    #expect(statements.map(\.line) == [3, 4, 5, 6, 9])
  }

  @Test(
    "an empty script has no statements", arguments: ["", " \n", ";;;", "-- nothing\n", "/* nothing */", "\u{FEFF}"])
  func empty(_ script: String) throws {
    #expect(try split(script).isEmpty)
  }

  @Test("reading a script harms nothing: no file is made, and no row is counted out")
  func harmless() throws {
    let sample = try Sample(Self.schema)
    let outside = sample.folder("outside.db")
    let script = """
      ATTACH '\(outside)' AS o; CREATE TABLE o.t(a); VACUUM INTO '\(outside)'; DETACH o;
      CREATE TABLE many AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n) SELECT * FROM n;
      INSERT INTO many SELECT * FROM users; DROP TABLE users;
      """
    let connection = try sample.connect()
    let statements = try connection.split(script, operation: Operation(timeout: .seconds(120)))
    #expect(statements.count == 7)
    #expect(statements[4].writes.map(describe) == ["table many insert,create"])
    #expect(try sample.files == ["app.db"])
    #expect(try connection.first("SELECT count(*) FROM users") == .integer(0))
  }
}
