import BelayDrivers
import DriverTesting
import Foundation
import Testing

@Suite("Statements of an archive")
struct ArchivedTests {
  private let sample: Sample
  private let connection: Connection

  init() throws {
    sample = try Sample("CREATE TABLE t(a); INSERT INTO t VALUES(1),(2);")
    connection = try sample.connect()
  }

  private func failure(_ sql: String, as kind: String) -> DriverError? {
    do throws(DriverError) {
      try connection.executeArchived(sql, kind: kind, operation: Operation())
      return nil
    } catch {
      return error
    }
  }

  /// What an archive of a stranger could hold under any kind: none of it makes an object of this database.
  static let foreign = [
    "ATTACH DATABASE 'FOLDER/victim' AS v", "/* CREATE TABLE */ ATTACH 'FOLDER/victim' AS v", "DETACH main",
    "VACUUM INTO 'FOLDER/victim'", "vacuum", "DROP TABLE t", "DELETE FROM t", "UPDATE t SET a=3",
    "REPLACE INTO t VALUES(1)", "INSERT OR REPLACE INTO t VALUES(1)", "WITH x AS (SELECT 1) INSERT INTO t SELECT 1",
    "SELECT load_extension('x')", "EXPLAIN CREATE TABLE x(a)", "BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT s",
    "ALTER TABLE t RENAME TO u", "REINDEX", "ANALYZE", "PRAGMA journal_mode=OFF", "PRAGMA writable_schema=1",
    "PRAGMA temp_store_directory='FOLDER'", "PRAGMA wal_checkpoint", "PRAGMA foreign_keys=ON",
    "PRAGMA main.user_version=1", "CREATE TEMP TABLE x(a)",
    "CREATE TEMPORARY TRIGGER g AFTER INSERT ON t BEGIN SELECT 1; END",
    "CREATE TABLE temp.x(a)", "CREATE VIEW temp.v AS SELECT 1",
    "CREATE TABLE x AS SELECT load_extension('FOLDER/victim') a",
    "CREATE VIRTUAL TABLE x USING sqlite_dbpage", "CREATE VIRTUAL TABLE x USING dbstat",
    "DELETE FROM sqlite_schema",
    "INSERT INTO sqlite_schema(type,name,tbl_name,rootpage,sql) VALUES('table','x','x',2,'CREATE TABLE x(a)')",
    "INSERT INTO sqlite_schema VALUES('table','x','x',0,'')", "UPDATE sqlite_schema SET rootpage=2",
    "UPDATE sqlite_schema SET sql='' WHERE name='t'", "CREATE TABLE x(a); ATTACH 'FOLDER/victim' AS v",
    "DROP TABLE \"belay sequence\"; DROP TABLE t", "; ; ATTACH 'FOLDER/victim' AS v", "'unclosed", "/* unclosed",
    "INSERT INTO t(a) VALUES(1); ATTACH 'FOLDER/victim' AS v", "INSERT INTO t(t) VALUES(load_extension('x'))",
  ]

  @Test(arguments: ["table", "index", "view", "trigger", "virtual_table", "setting", "rows", "column", "", "x"])
  func `that would reach anything else are refused under every kind`(_ kind: String) throws {
    let before = try connection.first("SELECT group_concat(a) FROM t")
    for sql in Self.foreign {
      let text = sql.replacing("FOLDER", with: sample.folder.path)
      guard let error = failure(text, as: kind) else {
        Issue.record("\(kind): \(sql) ran")
        continue
      }
      #expect([.invalid, .sql].contains(error.code), "\(kind): \(sql): \(error)")
      #expect(!FileManager.default.fileExists(atPath: sample.folder.path + "/victim"), "\(kind): \(sql)")
    }
    // What stood before the statement that was refused may have run: it was one of the kind.
    if kind != "rows" { #expect(try connection.first("SELECT group_concat(a) FROM t") == before) }
    #expect(try connection.first("SELECT count(*) FROM pragma_database_list") == .integer(1))
    #expect(try connection.first("SELECT count(*) FROM temp.sqlite_schema") == .integer(0))
  }

  @Test(
    arguments: [
      ("setting", "PRAGMA user_version=-7;", "SELECT user_version=-7 FROM pragma_user_version"),
      ("setting", "PRAGMA application_id=12;", "SELECT application_id=12 FROM pragma_application_id"),
      ("table", "CREATE TABLE x(a CHECK(length(a)>0), b AS (upper(a)));", "SELECT count(*) FROM x"),
      ("table", "-- a comment\nCREATE TABLE \"x\"(a);", "SELECT count(*) FROM x"),
      ("index", "CREATE UNIQUE INDEX x ON t(a) WHERE a>0;", "SELECT 0"),
      ("view", "CREATE VIEW x AS SELECT abs(a) FROM t;", "SELECT count(*) FROM x"),
      ("trigger", "CREATE TRIGGER x AFTER INSERT ON t BEGIN DELETE FROM t; SELECT 1; END;", "SELECT 0"),
      ("rows", "INSERT INTO t (\"a\") VALUES (CAST(X'61' AS TEXT));", "SELECT 0"),
      ("virtual_table", "CREATE VIRTUAL TABLE x USING fts5(a);", "SELECT count(*) FROM x"),
    ])
  func `that the catalog writes are run`(_ kind: String, _ sql: String, _ query: String) throws {
    #expect(failure(sql, as: kind) == nil)
    _ = try connection.first(query)
  }

  @Test func `that write the table of the schema leave it closed, also where they fail`() throws {
    for rest in ["", "PRAGMA writable_schema=RESET;", "CREATE TABLE"] {
      _ = failure("PRAGMA writable_schema=ON;" + rest, as: "table")
      #expect(throws: DriverError.self) { try connection.execute("DELETE FROM sqlite_schema", operation: Operation()) }
    }
  }

  @Test func `do not change what the connection may do afterwards`() throws {
    _ = failure("CREATE TABLE x(a)", as: "table")
    _ = failure("ATTACH 'x' AS y", as: "table")
    let other = try sample.folder.file("other.db", "")
    try connection.execute("ATTACH '\(other)' AS o; CREATE TABLE o.x(a); DETACH o", operation: Operation())
    try connection.execute("CREATE VIRTUAL TABLE f USING fts5(a)", operation: Operation())
    try connection.execute("CREATE VIEW v AS SELECT * FROM f", operation: Operation())
    #expect(try connection.first("SELECT count(*) FROM v") == .integer(0))
  }

  @Test func `rows fire the triggers of their database, whatever these use`() throws {
    try connection.execute(
      "CREATE VIRTUAL TABLE f USING fts5(a); CREATE TRIGGER g AFTER INSERT ON t BEGIN INSERT INTO f VALUES(new.a); END",
      operation: Operation())
    #expect(failure("INSERT INTO \"t\" (\"a\") VALUES ('word');", as: "rows") == nil)
    #expect(try connection.first("SELECT count(*) FROM f WHERE f MATCH 'word'") == .integer(1))
  }
}
