import Testing

@testable import BelayChange

@Suite("Lines of a SQL text that are a comment")
struct CommentLinesTests {
  @Test(
    "what is commented out by /* */ or stands in a string is none of them; a sign in a string begins no comment",
    arguments: [
      ("-- a\n  --b \nSELECT 1; -- c\n-- d", ["1 a", "2 b", "4 d"]),
      ("/*\n-- a\n*/\n-- b\n", ["4 b"]),
      ("/* /* */ -- a\n*/\n-- b", ["3 b"]),
      ("/* a /* b */\n-- c", ["2 c"]),
      ("SELECT '/*';\n-- a\nSELECT '*/';", ["2 a"]),
      ("SELECT 'it''s /*';\n-- a", ["2 a"]),
      ("SELECT 'it\\'s', 'C:\\', \"/*\";\n-- a", ["2 a"]),
      ("SELECT E'\\'/*';\n-- a", ["2 a"]),
      ("INSERT INTO t VALUES ('x\n-- a\ny');\n-- b", ["4 b"]),
      ("CREATE FUNCTION f() AS $$\n-- a\n$$;\n-- b\nSELECT $1, $tag$ /* $tag$;\n-- c", ["4 b", "6 c"]),
      ("SELECT [it's];\n-- a", ["2 a"]),
      ("-- it's\r\n-- a\r\n", ["1 it's", "2 a"]),
      ("/* not closed\n-- a", ["2 a"]),
    ])
  func lines(sql: String, expected: [String]) {
    #expect(CommentLines(sql).map { "\($0.number) \($0.text)" } == expected)
  }

  @Test("a directive that is commented out is not in force")
  func directive() throws {
    let sql = "/* not any more:\n-- belay: allow-loss c\n-- belay: no such thing\n*/\n-- belay: allow-loss d\n"
    #expect(try Directives(sql: sql, file: "1.sql").allowLoss == ["d"])
  }
}
