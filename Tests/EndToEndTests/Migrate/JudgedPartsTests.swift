import Foundation
import Testing

/// The rehearsal judges file by file, the target all files of a transaction together: both must come to the same.
@Suite("Several files of one transaction are judged alike in the rehearsal and on the database")
struct JudgedPartsTests {
  struct Files: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let files: [String]
    /// Whether they keep the contract, with a rehearsal and without one.
    let holds: Bool
    var says = ""

    init(_ name: String, holds: Bool, says: String = "", _ files: String...) {
      testDescription = name
      self.files = files
      self.holds = holds
      self.says = says
    }
  }

  private static let schema = """
    CREATE TABLE t (id integer PRIMARY KEY, x text);
    CREATE INDEX t_x ON t (x);
    CREATE VIEW v AS SELECT x FROM t;
    CREATE TABLE others (id integer PRIMARY KEY, t integer REFERENCES t ON DELETE CASCADE);
    INSERT INTO t VALUES (1, 'a'), (2, 'b');
    """

  private static let cases: [Files] = [
    Files(
      "a table is dropped, and made again by the next file, without its index", holds: true,
      "DROP VIEW v;\nDROP TABLE others;\nDROP TABLE t;", "CREATE TABLE t (id integer PRIMARY KEY, x text);"),
    Files(
      "a table is renamed away, and another one takes its name", holds: true,
      "DROP VIEW v;\nALTER TABLE t RENAME TO t_old;", "CREATE TABLE t (id integer PRIMARY KEY, x text);"),
    Files(
      "a view is dropped and made again by a later file", holds: true, "DROP VIEW v;",
      "ALTER TABLE t ADD COLUMN y text;",
      "CREATE VIEW v AS SELECT x, y FROM t;"),
    Files(
      "a column is dropped and made again by the next file", holds: true,
      "DROP VIEW v;\nDROP INDEX t_x;\nALTER TABLE t DROP COLUMN x;", "ALTER TABLE t ADD COLUMN x text;"),
    Files(
      "a table is rebuilt in one file, without its index", holds: false, says: "t_x: disappeared",
      "SELECT 1;",
      "DROP VIEW v;\nCREATE TABLE n (id integer PRIMARY KEY, x text);\nINSERT INTO n SELECT id, x FROM t;\n"
        + "DROP TABLE others;\nDROP TABLE t;\nALTER TABLE n RENAME TO t;"),
  ]

  @Test("with a rehearsal and without one", arguments: cases)
  func judged(_ one: Files) throws {
    for arguments in [[], ["--no-rehearse"]] { try expect(one, .sqlite, arguments) }
  }

  @Test("in PostgreSQL too", arguments: cases.prefix(2))
  func judgedInPostgreSQL(_ one: Files) throws { try expect(one, .postgresql, []) }

  private func expect(_ one: Files, _ engine: AdoptedEngine, _ arguments: [String]) throws {
    let shop = try AdoptedShop(engine, schema: Self.schema)
    for (index, sql) in one.files.enumerated() { try shop.write(["\(index + 1).sql": sql]) }
    let run = try shop.folder.belay(["migrate", shop.folder.url, "--yes"] + arguments)
    #expect(one.holds ? [0, 3].contains(run.status) : run.status == 31, "\(run)")
    if !one.says.isEmpty { #expect(run.errors.contains(one.says), "\(run)") }
  }
}
