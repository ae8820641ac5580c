import BelayArchive
import BelayDrivers
import CBelayDriver
import DriverTesting
import Foundation
import Testing

struct CatalogTests {
  /// Everything that SQLite can hold and a dump can lose.
  static let zoo = """
    PRAGMA encoding='UTF-8'; PRAGMA page_size=8192; PRAGMA auto_vacuum=2;
    PRAGMA application_id=1234; PRAGMA user_version=42;
    CREATE TABLE users(id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x, y', email TEXT UNIQUE COLLATE NOCASE);
    CREATE TABLE orders(id INTEGER PRIMARY KEY AUTOINCREMENT, user_id REFERENCES users ON DELETE CASCADE, total REAL);
    INSERT INTO users VALUES(1,'Ann','a@x'),(9223372036854775807,'Bob',NULL);
    INSERT INTO orders VALUES(7,1,0.1),(9,1,9e999); DELETE FROM orders WHERE id=9;
    CREATE TABLE "odd ""name"" ☃"("a b", "select", 'quo''te', [br]);
    INSERT INTO "odd ""name"" ☃" VALUES(1,x'00ff','it''s',CAST(x'610062' AS TEXT)),('',x'',NULL,CAST(x'ff' AS TEXT));
    INSERT INTO "odd ""name"" ☃"(rowid, "select") VALUES(-5, char(13,10)),(5000000000, '☃');
    CREATE TABLE hides(_rowid_, rowid); INSERT INTO hides(oid, _rowid_, rowid) VALUES(77, 1, 2);
    CREATE TABLE hides_all(_rowid_, rowid, oid); INSERT INTO hides_all VALUES(1, 2, 3);
    CREATE TABLE descending(id INTEGER PRIMARY KEY DESC, v); INSERT INTO descending(rowid, id, v) VALUES(50, 3, 'x');
    CREATE TABLE strict(k TEXT, n INTEGER, v ANY, PRIMARY KEY(n, k)) STRICT, WITHOUT ROWID;
    INSERT INTO strict VALUES('a',1,'1'),('a',2,1);
    CREATE TABLE gen(a INT, b INT GENERATED ALWAYS AS (a*2) STORED, c AS (a+1)); INSERT INTO gen(a) VALUES(1),(2);
    CREATE TABLE empty(a);
    CREATE VIRTUAL TABLE docs USING fts5(title, body, tokenize="porter unicode61");
    INSERT INTO docs VALUES('hello','the quick brown fox'),('bye','foxes are lazy');
    CREATE VIRTUAL TABLE boxes USING rtree(id, x0, x1); INSERT INTO boxes VALUES(1,0,1),(2,3,4);
    CREATE INDEX orders_user ON orders(user_id) WHERE total > 0;
    CREATE INDEX users_lower ON users(lower(name) DESC);
    CREATE VIEW v AS SELECT name FROM users /* why */ -- a comment at the end
    ;
    CREATE VIEW found AS SELECT rowid FROM docs WHERE docs MATCH 'fox';
    CREATE TRIGGER greet AFTER INSERT ON orders BEGIN
      UPDATE users SET name = 'a;b' WHERE id = new.user_id; SELECT CASE WHEN 1 THEN 2 END; END;
    ANALYZE;
    """

  /// The SQL text of the whole database, as a backup has it.
  static func text(of connection: Connection) throws -> String {
    let catalog = try connection.catalog(operation: Operation())
    let tables = Dictionary(uniqueKeysWithValues: catalog.tables.map { ($0.name, $0) })
    var text = connection.traits.loadBegin + "\n"
    for object in catalog.objects {
      if !object.ddl.isEmpty { text += object.ddl + "\n" }
      guard object.kind == "table", let table = tables[object.name], table.hasRows else { continue }
      var encoder = SQLEncoder(table: TableName(schema: "", name: table.name))
      encoder.begin(columns: table.storedColumns.map(\.name))
      let columns = table.storedColumns.map { connection.traits.quoted($0.name) }.joined(separator: ",")
      try connection.query(
        "SELECT \(columns) FROM \(connection.traits.quoted(table.name))", operation: Operation(),
        rows: { encoder.add($0) })
      encoder.finish()
      encoder.drain { text += String(decoding: $0, as: UTF8.self) }
    }
    return text + connection.traits.loadEnd + "\n"
  }

  static let fingerprint = """
    .sha3sum
    PRAGMA encoding; PRAGMA page_size; PRAGMA auto_vacuum; PRAGMA application_id; PRAGMA user_version;
    SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY 1, 2, 3, 4;
    PRAGMA integrity_check;
    """

  static let contents = """
    SELECT rowid, quote("a b"), quote("select"), quote("br") FROM "odd ""name"" ☃" ORDER BY rowid;
    SELECT oid, * FROM hides; SELECT rowid, * FROM descending; SELECT * FROM sqlite_sequence; SELECT *, c FROM gen;
    INSERT INTO docs(docs) VALUES('integrity-check'); SELECT rtreecheck('boxes'); SELECT * FROM found;
    SELECT * FROM sqlite_stat1 ORDER BY 1, 2; SELECT id, x0, x1 FROM boxes WHERE x0 > 2;
    """

  @Test("the SQL text of a database restores with the sqlite3 shell to the same database")
  func throughTheShell() throws {
    let sample = try Sample(Self.zoo)
    let text = try Self.text(of: sample.connect())
    let restored = sample.folder("restored.db")
    try Shell.run(restored, text)
    #expect(try Shell.run(restored, Self.fingerprint) == Shell.run(sample.path, Self.fingerprint))
    #expect(try Shell.run(restored, Self.contents) == Shell.run(sample.path, Self.contents))
  }

  @Test("the SQL text of a database restores through the driver to the same database, with an equal catalog")
  func throughTheDriver() throws {
    let sample = try Sample(Self.zoo)
    let source = try sample.connect()
    let restored = try BuiltDriver.open(sample.folder("restored.db"), ["create": "1"])
    try restored.run(try Self.text(of: source))
    #expect(try restored.catalog(operation: Operation()) == source.catalog(operation: Operation()))
    let printed = try Shell.run(sample.folder("restored.db"), Self.fingerprint)
    #expect(try printed == Shell.run(sample.path, Self.fingerprint))
  }

  @Test("text that SQLite stores as UTF-16 restores as UTF-16", arguments: ["UTF-16le", "UTF-16be"])
  func utf16(_ encoding: String) throws {
    let sample = try Sample("PRAGMA encoding='\(encoding)'; CREATE TABLE t(a); INSERT INTO t VALUES('☃ it''s');")
    let restored = sample.folder("restored.db")
    try Shell.run(restored, try Self.text(of: sample.connect()))
    #expect(try Shell.run(restored, "PRAGMA encoding; SELECT a FROM t;") == "\(encoding)\n☃ it's")
  }

  @Test("an empty database, and one whose tables are empty, restore", arguments: ["", "VACUUM;", "CREATE TABLE t(a);"])
  func empty(_ sql: String) throws {
    let sample = try Sample(sql)
    let source = try sample.connect(sql.isEmpty ? ["create": "1"] : [:])
    let restored = try BuiltDriver.open(sample.folder("restored.db"), ["create": "1"])
    try restored.run(try Self.text(of: source))
    #expect(try restored.catalog(operation: Operation()) == source.catalog(operation: Operation()))
  }

  @Test("sqlite_sequence outlives the last table that needed it")
  func orphanedSequence() throws {
    let sample = try Sample("CREATE TABLE t(id INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE t;")
    let restored = sample.folder("restored.db")
    try Shell.run(restored, try Self.text(of: sample.connect()))
    #expect(try Shell.run(restored, "SELECT name FROM sqlite_schema") == "sqlite_sequence")
  }

  @Test("five times as many tables take about five times as long to be read")
  func manyTables() throws {
    func spent(_ tables: Int) throws -> Duration {
      var sql = "BEGIN;"
      for index in 0..<tables {
        sql +=
          "CREATE TABLE t\(index)(id INTEGER PRIMARY KEY, a TEXT, b REAL, c); CREATE INDEX i\(index) ON t\(index)(a);"
      }
      let connection = try Sample(sql + "COMMIT;").connect()
      var count = 0
      let spent = try threadTime { count = try connection.catalog(operation: Operation()).tables.count }
      #expect(count == tables)
      return spent
    }
    let few = try spent(100)
    #expect(try spent(500) < few * 10)
  }

  @Test("objects come in the order that recreates them, with what the host must know")
  func flags() throws {
    let catalog = try Sample(Self.zoo).connect().catalog(operation: Operation())
    func object(_ kind: String, _ name: String, of parent: String = "") -> SchemaObject? {
      catalog.objects.first { $0.kind == kind && $0.name == name && (parent.isEmpty || $0.parent == parent) }
    }
    #expect(object("table", "docs_data")?.flags.contains(.shadow) == true)
    #expect(object("table", "docs_data")?.parent == "docs")
    #expect(object("virtual_table", "docs")?.flags.contains(.noRows) == true)
    #expect(object("table", "sqlite_sequence")?.flags.contains(.internal) == true)
    #expect(object("column", "b", of: "gen")?.flags.contains(.generated) == true)
    #expect(object("column", "oid", of: "hides")?.flags.contains(.implicit) == true)
    #expect(object("column", "_rowid_", of: "users") == nil)
    #expect(object("column", "_rowid_", of: "descending")?.flags.contains(.implicit) == true)
    #expect(object("column", "name", of: "users")?.definition == "TEXT NOT NULL DEFAULT 'x, y'")
    let kinds = catalog.objects.map(\.kind).filter { $0 != "column" }
    let order = ["setting", "table", "index", "virtual_table", "view", "trigger"]
    #expect(kinds == kinds.sorted { (order.firstIndex(of: $0) ?? 99) < (order.firstIndex(of: $1) ?? 99) })
  }

  @Test("spaces and comments make no difference to a definition")
  func canonical() throws {
    let plain = try Sample("CREATE TABLE t(a INTEGER, b TEXT DEFAULT 'a  b');").connect()
    let other = try Sample("CREATE TABLE t ( a   INTEGER,-- why\n b TEXT /* so */ DEFAULT 'a  b' );").connect()
    let definitions = try [plain, other].map { connection in
      try connection.catalog(operation: Operation()).objects.map(\.definition)
    }
    #expect(definitions[0] == definitions[1])
  }
}
