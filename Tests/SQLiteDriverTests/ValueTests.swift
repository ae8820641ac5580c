import BelayDrivers
import CBelayDriver
import Foundation
import Testing

struct ValueTests {
  static let exact: [(String, Value)] = [
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)), ("0", .integer(0)),
    ("0.1", .real(0.1)), ("1e308*10", .real(.infinity)), ("-1e308*10", .real(-.infinity)),
    ("4.9406564584124654e-324", .real(.leastNonzeroMagnitude)), ("NULL", .null), ("''", .text("")), ("x''", .blob([])),
    ("'it''s'", .text("it's")), ("CAST(x'610062' AS TEXT)", .text("a\0b")), ("x'00ff00'", .blob([0, 255, 0])),
    ("'☃'||char(13,10)", .text("☃\r\n")),
  ]

  @Test("a value comes back as it is stored", arguments: exact)
  func value(_ sql: String, _ expected: Value) throws {
    let sample = try Sample("CREATE TABLE t(a); INSERT INTO t VALUES(\(sql));")
    let connection = try sample.connect()
    #expect(try connection.first("SELECT a FROM t") == expected)
    _ = try connection.execute("INSERT INTO t VALUES(?)", rows: [[expected]], operation: Operation())
    #expect(try connection.first("SELECT count(DISTINCT typeof(a)||quote(a)) FROM t") == .integer(1))
  }

  @Test("text that is not UTF-8 comes back byte for byte")
  func illFormed() throws {
    let sample = try Sample("CREATE TABLE t(a); INSERT INTO t VALUES(CAST(x'61ff00fe' AS TEXT));")
    var seen: [[UInt8]] = []
    try sample.connect().query(
      "SELECT a FROM t", operation: Operation(),
      rows: { batch in
        for cell in UnsafeBufferPointer(start: batch.cells, count: Int(batch.nrows)) { seen.append(Array(cell.bytes)) }
      })
    #expect(seen == [[0x61, 0xff, 0x00, 0xfe]])
  }

  @Test("many rows of all sizes arrive whole and in order, in batches of about 1 MiB")
  func manyRows() throws {
    let sample = try Sample()
    let connection = try sample.connect(["create": "1"])
    try connection.run(
      """
      CREATE TABLE t(i INTEGER PRIMARY KEY, a, b);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<3000)
      INSERT INTO t SELECT i, CAST(zeroblob((i*7919)%40000) AS TEXT), CASE WHEN i%3 THEN zeroblob(i%5000) END FROM n;
      """)
    var rows = 0
    var wrong = 0
    var largest = 0
    try connection.query(
      "SELECT i, a, b FROM t ORDER BY i", operation: Operation(),
      rows: { batch in
        var bytes = 0
        for row in 0..<Int(batch.nrows) {
          let cells = UnsafeBufferPointer(start: batch.cells + row * 3, count: 3)
          rows += 1
          let expected = rows % 3 == 0 ? 0 : rows % 5000
          if cells[0].v.i64 != rows || Int(cells[1].len) != (rows * 7919) % 40000 || Int(cells[2].len) != expected {
            wrong += 1
          }
          if cells[1].bytes.contains(where: { $0 != 0 }) { wrong += 1 }
          bytes += Int(cells[1].len + cells[2].len)
        }
        largest = max(largest, bytes)
      })
    #expect(rows == 3000)
    #expect(wrong == 0)
    #expect(largest < 2 << 20)
  }

  @Test("a row of 50 MB goes through")
  func hugeRow() throws {
    let sample = try Sample()
    let connection = try sample.connect(["create": "1"])
    try connection.run("CREATE TABLE t(a, b)")
    let bytes = [UInt8](repeating: 0xab, count: 25_000_000)
    let text = String(repeating: "x", count: 25_000_000)
    _ = try connection.execute(
      "INSERT INTO t VALUES(?,?)", rows: [[.blob(bytes), .text(text)]], operation: Operation())
    #expect(try connection.rows("SELECT * FROM t") == [[.blob(bytes), .text(text)]])
  }

  @Test("columns are passed even if there are no rows")
  func noRows() throws {
    let sample = try Sample("CREATE TABLE t(a INTEGER, \"b c\" TEXT);")
    var columns: [ResultColumn] = []
    try sample.connect().query("SELECT * FROM t", operation: Operation(), columns: { columns = $0 }, rows: { _ in })
    #expect(columns.map(\.name) == ["a", "b c"])
    #expect(columns.map(\.nativeType) == ["INTEGER", "TEXT"])
  }
}
