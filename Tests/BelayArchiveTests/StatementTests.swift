import BelayArchive
import Testing

@Suite("How rows are divided into INSERT statements")
struct StatementTests {
  /// The statements of `rows`, each with its semicolon.
  func statements(_ encoder: SQLEncoder, _ batches: [[[Cell]]]) -> [String] {
    let text = String(decoding: encoded(encoder, columns: ["a"], batches), as: UTF8.self)
    return text.split(separator: ";\n").map { $0 + ";" }
  }

  let rows: [[Cell]] = (0..<2000).map { [.text(String(repeating: "x", count: Int($0) % 60))] }

  @Test(
    "no statement has more than 500 rows or the engine's number of them", arguments: [(0, 500), (7, 7), (900, 500)])
  func byRows(_ limit: Int, _ expected: Int) {
    let short: [[Cell]] = (0..<1001).map { [.integer($0)] }
    let counts = statements(SQLEncoder(table: TableName(name: "t"), maxRows: limit), [short])
      .map { $0.split(separator: "\n").count - 1 }
    #expect(counts.max() == expected)
    #expect(counts.reduce(0, +) == 1001)
    #expect(counts.dropLast().allSatisfy { $0 == expected })
  }

  @Test(
    "no statement is longer than the limit, and none could have taken the next row", arguments: [120, 121, 1000, 9000])
  func byBytes(_ limit: Int) {
    let one = SQLEncoder(table: TableName(name: "t"), maxStatementBytes: limit)
    let found = statements(one, [rows])
    #expect(found.allSatisfy { $0.utf8.count <= limit })
    #expect(found == statements(one, rows.map { [$0] }))
    let lead = "INSERT INTO \"t\"(\"a\") VALUES\n"
    #expect(found.allSatisfy { $0.hasPrefix(lead) })
    let texts = found.flatMap { $0.dropFirst(lead.count).dropLast().split(separator: ",\n") }
    #expect(texts.count == rows.count)
    for (statement, next) in zip(found, found.dropFirst()) where statement.split(separator: "\n").count <= 500 {
      let row = next.dropFirst(lead.count).prefix { $0 != ")" }.utf8.count + 1
      #expect(statement.utf8.count + 2 + row > limit)
    }
  }

  @Test("without a limit, statements stay at about 64 KiB")
  func usual() {
    let long: [[Cell]] = (0..<300).map { _ in [.text(String(repeating: "y", count: 1000))] }
    let found = statements(SQLEncoder(table: TableName(name: "t")), [long])
    #expect(found.allSatisfy { $0.utf8.count <= 64 << 10 })
    #expect(found.count == 5)
  }

  @Test("a row that is longer than the limit stands alone")
  func longRow() {
    let rows: [[Cell]] = [[.integer(1)], [.text(String(repeating: "z", count: 500))], [.integer(2)], [.integer(3)]]
    let found = statements(SQLEncoder(table: TableName(name: "t"), maxStatementBytes: 100), [rows])
    #expect(found.map { $0.split(separator: "\n").count - 1 } == [1, 1, 2])
  }

  @Test("rows that are longer than the engine's limit are counted, wherever they stand", arguments: 1...3)
  func overlong(rowsPerStatement: Int) {
    let table = TableName(name: "t")
    let rows: [[Cell]] = [0, 47, 48, 500, 1, 60, 2].map { [.text(String(repeating: "z", count: $0))] }
    var encoder = SQLEncoder(table: table, maxStatementBytes: 80, maxRows: rowsPerStatement)
    let text = String(decoding: encode(&encoder, columns: ["a"], [rows]), as: UTF8.self)
    let found = text.split(separator: ";\n").map { $0 + ";" }
    #expect(encoder.overlongRows == found.count { $0.utf8.count > 80 })
    #expect(encoder.overlongRows == 3)
    var unlimited = SQLEncoder(table: table, maxRows: rowsPerStatement)
    _ = encode(&unlimited, columns: ["a"], [[[.text(String(repeating: "z", count: 100_000))]]])
    #expect(unlimited.overlongRows == 0)
  }
}
