import BelayArchive
import Testing

/// One cell, and how each format writes it.
struct Golden: Sendable, CustomTestStringConvertible {
  var cell: Cell
  var csv: String
  var json: String
  var sql: String

  init(_ cell: Cell, csv: String, json: String, sql: String) {
    (self.cell, self.csv, self.json, self.sql) = (cell, csv, json, sql)
  }

  var testDescription: String { "\(cell)" }

  static let values = [
    Golden(.null, csv: "", json: "null", sql: "NULL"),
    Golden(.bool(true), csv: "true", json: "true", sql: "TRUE"),
    Golden(.bool(false), csv: "false", json: "false", sql: "FALSE"),
    Golden(.integer(0), csv: "0", json: "0", sql: "0"),
    Golden(.integer(-1), csv: "-1", json: "-1", sql: "-1"),
    Golden(.integer(10), csv: "10", json: "10", sql: "10"),
    Golden(.integer(99), csv: "99", json: "99", sql: "99"),
    Golden(.integer(1_000_000_007), csv: "1000000007", json: "1000000007", sql: "1000000007"),
    Golden(
      .integer(.max), csv: "9223372036854775807", json: "9223372036854775807", sql: "9223372036854775807"),
    Golden(
      .integer(.min), csv: "-9223372036854775808", json: "-9223372036854775808", sql: "-9223372036854775808"),
    Golden(.real(0), csv: "0.0", json: "0.0", sql: "0.0"),
    Golden(.real(-0.0), csv: "-0.0", json: "-0.0", sql: "-0.0"),
    Golden(.real(0.1), csv: "0.1", json: "0.1", sql: "0.1"),
    Golden(.real(-0.25), csv: "-0.25", json: "-0.25", sql: "-0.25"),
    Golden(.real(3), csv: "3.0", json: "3.0", sql: "3.0"),
    Golden(.real(-1234.000625), csv: "-1234.000625", json: "-1234.000625", sql: "-1234.000625"),
    Golden(.real(1e15), csv: "1000000000000000.0", json: "1000000000000000.0", sql: "1000000000000000.0"),
    Golden(.real(1e16), csv: "1e+16", json: "1e+16", sql: "10000000000000000.0"),
    Golden(.real(1e308), csv: "1e+308", json: "1e+308", sql: "1e+308"),
    Golden(
      .real(.leastNonzeroMagnitude), csv: "5e-324", json: "5e-324",
      sql: "2.0501330894674953e-143/4.149515568880993e+180"),
    Golden(
      .real(0.1 + 0.2), csv: "0.30000000000000004", json: "0.30000000000000004", sql: "0.30000000000000004"),
    // SQLite does not read the shortest form as the same double. Neither does the Swift compiler, hence the string.
    Golden(.real(Double("3.0530389") ?? 0), csv: "3.0530389", json: "3.0530389", sql: "3.0530389000000002"),
    Golden(.real(.infinity), csv: "Inf", json: "{\"$real\":\"Infinity\"}", sql: "9e999"),
    Golden(.real(-.infinity), csv: "-Inf", json: "{\"$real\":\"-Infinity\"}", sql: "-9e999"),
    Golden(.real(.nan), csv: "NaN", json: "{\"$real\":\"NaN\"}", sql: "NULL"),
    Golden(.text(""), csv: "\"\"", json: "\"\"", sql: "''"),
    Golden(.text("NULL"), csv: "\"NULL\"", json: "\"NULL\"", sql: "'NULL'"),
    Golden(.text("\"'\""), csv: "\"\"\"'\"\"\"", json: "\"\\\"'\\\"\"", sql: "'\"''\"'"),
    Golden(
      .text("a,b\r\nc\td\\"), csv: "\"a,b\r\nc\td\\\"", json: "\"a,b\\r\\nc\\td\\\\\"",
      sql: "CAST(X'612c620d0a6309645c' AS TEXT)"),
    Golden(.text("a\n\tb\\"), csv: "\"a\n\tb\\\"", json: "\"a\\n\\tb\\\\\"", sql: "'a\n\tb\\'"),
    Golden(.text("a\u{0}b"), csv: "\"a\u{0}b\"", json: "\"a\\u0000b\"", sql: "CAST(X'610062' AS TEXT)"),
    Golden(.text("\u{1f}\u{7f}"), csv: "\"\u{1f}\u{7f}\"", json: "\"\\u001f\u{7f}\"", sql: "'\u{1f}\u{7f}'"),
    Golden(.text("żółć 😀"), csv: "\"żółć 😀\"", json: "\"żółć 😀\"", sql: "'żółć 😀'"),
    Golden(.blob([]), csv: "\\x", json: "{\"$blob\":\"\"}", sql: "X''"),
    Golden(.blob([0]), csv: "\\x00", json: "{\"$blob\":\"AA==\"}", sql: "X'00'"),
    Golden(.blob([0xde, 0xad]), csv: "\\xdead", json: "{\"$blob\":\"3q0=\"}", sql: "X'dead'"),
    Golden(.blob([0xff, 0x10, 0x80]), csv: "\\xff1080", json: "{\"$blob\":\"/xCA\"}", sql: "X'ff1080'"),
    Golden(.native("2026-01-01 'x'"), csv: "\"2026-01-01 'x'\"", json: "\"2026-01-01 'x'\"", sql: "'2026-01-01 ''x'''"),
  ]
}

@Suite("Rows as text")
struct EncoderTests {
  @Test("a value is written in each format as its convention says", arguments: Golden.values)
  func golden(_ value: Golden) {
    let rows = [[value.cell, .integer(7)]]
    let columns = ["a", "b"]
    #expect(encodedText(CSVEncoder(), columns: columns, rows) == "a,b\n\(value.csv),7\n")
    #expect(encodedText(RowJSONEncoder(), columns: columns, rows) == "[\n{\"a\":\(value.json),\"b\":7}\n]\n")
    #expect(
      encodedText(SQLEncoder(table: TableName(name: "t")), columns: columns, rows)
        == "INSERT INTO \"t\"(\"a\",\"b\") VALUES\n(\(value.sql),7);\n")
  }

  @Test(
    "text that is not UTF-8 keeps its bytes in every format",
    arguments: [
      [0xff], [0x61, 0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82],
      Array("eight bytes and more: ".utf8) + [0x80],
    ] as [[UInt8]])
  func illFormed(_ bytes: [UInt8]) {
    let rows: [[Cell]] = [[.textBytes(bytes)]]
    #expect(encoded(CSVEncoder(), columns: ["a"], [rows]) == Array("a\n\"".utf8) + bytes + Array("\"\n".utf8))
    #expect(encodedText(RowJSONEncoder(), columns: ["a"], rows).contains("{\"$text\":\""))
    let hex = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(
      encodedText(SQLEncoder(table: TableName(name: "t")), columns: ["a"], rows).contains(
        "(CAST(X'\(hex)' AS TEXT));"))
  }

  @Test("text that no client takes as it is becomes hex digits in the engine's own words")
  func engineHex() {
    let encoder = SQLEncoder(table: TableName(name: "t"), hexText: "CONVERT(X'?' USING utf8mb4)")
    #expect(
      encodedText(encoder, columns: ["a"], [[.text("a\0b")]])
        == "INSERT INTO \"t\"(\"a\") VALUES\n(CONVERT(X'610062' USING utf8mb4));\n")
    let other = SQLEncoder(table: TableName(name: "t"), hexText: "convert_from('\\x?', 'UTF8')")
    #expect(
      encodedText(other, columns: ["a", "b"], [[.text("a\rb"), .blob([0, 255])]])
        == "INSERT INTO \"t\"(\"a\",\"b\") VALUES\n(convert_from('\\x610d62', 'UTF8'),'\\x00ff');\n")
  }

  @Test("valid text with scalars of every length does not count as invalid")
  func wellFormed() {
    let scalars: [UInt32] = [1, 0x7f, 0x80, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x3ffff, 0x10ffff]
    for scalar in scalars.compactMap(Unicode.Scalar.init) {
      for padding in 0..<9 {
        let text = String(repeating: "x", count: padding) + String(scalar) + "y"
        let sql = encodedText(SQLEncoder(table: TableName(name: "t")), columns: ["a"], [[.text(text)]])
        #expect(sql.contains("('\(text)');"))
      }
    }
  }

  @Test("a table without rows is a header, an empty array, and no statement")
  func noRows() {
    #expect(encodedText(CSVEncoder(), columns: ["a", "b"], []) == "a,b\n")
    #expect(encodedText(RowJSONEncoder(), columns: ["a", "b"], []) == "[\n]\n")
    #expect(encodedText(SQLEncoder(table: TableName(name: "t")), columns: ["a", "b"], []) == "")
  }

  @Test("odd names of tables and columns are quoted, and a schema is put before")
  func oddNames() {
    let columns = ["select", "a\"b", "c,d", " e", ""]
    let row = columns.map { _ in Cell.null }
    #expect(encodedText(CSVEncoder(), columns: columns, [row]) == "select,\"a\"\"b\",\"c,d\",\" e\",\"\"\n,,,,\n")
    #expect(
      encodedText(RowJSONEncoder(), columns: columns, [row])
        == "[\n{\"select\":null,\"a\\\"b\":null,\"c,d\":null,\" e\":null,\"\":null}\n]\n")
    let table = TableName(schema: "my schema", name: "t\"t")
    #expect(
      encodedText(SQLEncoder(table: table), columns: columns, [row])
        == "INSERT INTO \"my schema\".\"t\"\"t\"(\"select\",\"a\"\"b\",\"c,d\",\" e\",\"\") VALUES\n"
        + "(NULL,NULL,NULL,NULL,NULL);\n")
    #expect(
      encodedText(SQLEncoder(table: TableName(name: "a`b"), quote: "`"), columns: ["x"], [[.null]])
        == "INSERT INTO `a``b`(`x`) VALUES\n(NULL);\n")
    #expect(
      encodedText(SQLEncoder(table: TableName(name: "a]b"), quote: "[]"), columns: ["x"], [[.null]])
        == "INSERT INTO [a]]b]([x]) VALUES\n(NULL);\n")
  }

  @Test("rows in one batch or in many give the same text")
  func batches() {
    let rows: [[Cell]] = (0..<1200).map { [.integer($0), .text("row \($0)"), .null] }
    let columns = ["a", "b", "c"]
    let apart = rows.map { [$0] }
    #expect(encoded(CSVEncoder(), columns: columns, [rows]) == encoded(CSVEncoder(), columns: columns, apart))
    #expect(encoded(RowJSONEncoder(), columns: columns, [rows]) == encoded(RowJSONEncoder(), columns: columns, apart))
    let sql = SQLEncoder(table: TableName(name: "t"))
    #expect(encoded(sql, columns: columns, [rows]) == encoded(sql, columns: columns, apart))
  }
}
