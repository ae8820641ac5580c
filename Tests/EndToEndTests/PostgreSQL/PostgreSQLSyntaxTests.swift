import DriverTesting
import Foundation
import Testing

@Suite("A file whose syntax PostgreSQL does not accept")
struct PostgreSQLSyntaxTests {
  /// From the third line of the file on, and what is said.
  static let wrong = [
    ("SELEC 1;", "syntax error"), ("CREATE TABLE tags (name text;", "syntax error"),
    ("ALTER TABLE orders ADD COLUM note text;", "syntax error"), ("DELETE FROM orders WHERE;", "syntax error"),
    ("INSERT INTO log VALUES ('now', 'it''s);", "is not closed"), ("SELECT \"note FROM log;", "is not closed"),
    ("DO $body$ BEGIN NULL; END $bod$;", "is not closed"), ("SELECT 1; /* to do", "is not closed"),
  ]

  @Test("is refused with its line, already where it is planned", arguments: wrong)
  func refused(_ wrong: (sql: String, says: String)) throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration("1.sql", "CREATE TABLE good (x int);\n\n\(wrong.sql)\n")
    // What the first file does not close hides nothing of the second one, and makes nothing of it wrong.
    try shop.migration("2.sql", "INSERT INTO log VALUES ('it''s', \"what\");\nSELECT $body$ fine $body$; -- */\n")
    let run = try shop.belay("migrate", shop.url, "--plan")
    #expect(run.status == 22, "\(run)")
    #expect(run.errors.contains("1.sql, line 3") && run.errors.contains(wrong.says), "\(run)")
    #expect(!run.errors.contains("2.sql, line 1: `INSERT") && !run.errors.contains("2.sql, line 2"), "\(run)")
  }

  @Test("what is missing at the end of one file takes nothing from the next")
  func twoFiles() throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration("1.sql", "CREATE TABLE good (x int)")
    try shop.migration("2.sql", "INSERT INTO good VALUES (1); -- 'no quote")
    try shop.migration("3.sql", "INSERT INTO good VALUES (2) /* done */")
    let run = try shop.belay("migrate", shop.url, "--plan")
    #expect(run.status == 0, "\(run)")
    for name in ["1.sql", "2.sql", "3.sql"] { #expect(run.output.contains("\(name): 1 statement"), "\(run)") }
    #expect(run.output.contains("insert rows of table public.good"), "\(run)")
  }

  @Test(
    "only the server says what is wrong: names that it does not know, and what only it knows, are not",
    arguments: [
      "SELECT * FROM not_yet;", "INSERT INTO log VALUES (1, 2, 3);",
      "SET standard_conforming_strings = off;\nSELECT 'it\\'s';",
    ])
  func planned(sql: String) throws {
    let shop = try PostgreSQLWorkspace()
    try shop.migration("1.sql", sql)
    let run = try shop.belay("migrate", shop.url, "--plan")
    #expect([0, 3].contains(run.status), "\(run)")
  }
}
