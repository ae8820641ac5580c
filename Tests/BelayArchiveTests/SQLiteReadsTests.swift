import BelayArchive
import SystemPackage
import Testing

/// The encoders know no database. That SQLite reads what they write is worth a proof all the same: its shell is a tool
/// like tar.
@Suite("What the sqlite3 shell makes of the SQL")
struct SQLiteReadsTests {
  @Test("every double comes back with its bits", arguments: 1...3)
  func reals(_ seed: UInt64) throws {
    var generator = Generator(seed: seed)
    var values: [Double] = [0, .leastNonzeroMagnitude, .leastNormalMagnitude, .greatestFiniteMagnitude, .infinity]
    while values.count < 4000 {
      let random = Double(bitPattern: generator.next())
      if !random.isNaN { values.append(random) }
      values.append(Double(bitPattern: generator.next() >> 12 | UInt64.random(in: 0..<64, using: &generator) << 52))
      values.append((Double.random(in: 0...1e6, using: &generator) * 1e6).rounded() / 1e6)
      values.append(Double(Int64.random(in: -1_000_000...1_000_000, using: &generator)) / 100)
    }
    values += values.map { -$0 }
    let rows: [[Cell]] = values.map { [.real($0)] }
    let folder = try TemporaryFolder()
    let sql = encoded(SQLEncoder(table: TableName(name: "t")), columns: ["r"], [rows])
    let query = "SELECT lower(hex(ieee754_to_blob(r))) FROM t ORDER BY rowid;\n"
    try write(Array("CREATE TABLE t(r REAL);\n".utf8) + sql + Array(query.utf8), to: folder.path.appending("t.sql"))
    let found = try Tool.run("sqlite3", "-bail", ":memory:", ".read t.sql", in: folder.path)
    #expect(found.status == 0, "\(found.text.prefix(300))")
    let expected = values.map { value in
      // SQLite stores no negative zero.
      let digits = String((value == 0 ? 0 : value).bitPattern, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    let lines = found.text.split(separator: "\n").map(String.init)
    #expect(lines.count == expected.count)
    let wrong = zip(values, zip(lines, expected)).filter { $0.1.0 != $0.1.1 }.map(\.0)
    #expect(wrong.isEmpty, "\(wrong.prefix(5))")
  }

  @Test("text, blobs and integers come back with their types and bytes")
  func others() throws {
    var generator = Generator(seed: 11)
    let cells = (0..<500).map { _ in generator.cell() }.filter { if case .real = $0 { false } else { true } }
    let folder = try TemporaryFolder()
    let sql = encoded(SQLEncoder(table: TableName(name: "t")), columns: ["v"], [cells.map { [$0] }])
    let query = "SELECT typeof(v) || ' ' || hex(CAST(v AS BLOB)) FROM t ORDER BY rowid;\n"
    try write(Array("CREATE TABLE t(v);\n".utf8) + sql + Array(query.utf8), to: folder.path.appending("t.sql"))
    let found = try Tool.run("sqlite3", "-bail", ":memory:", ".read t.sql", in: folder.path)
    #expect(found.status == 0, "\(found.text.prefix(300))")
    func hex(_ bytes: some Sequence<UInt8>) -> String {
      bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined()
    }
    let expected = cells.map { cell in
      switch cell {
      case .null, .real: "null "
      case .bool(let value): "integer " + hex((value ? "1" : "0").utf8)
      case .integer(let value): "integer " + hex(String(value).utf8)
      case .text(let value), .native(let value): "text " + hex(value.utf8)
      case .textBytes(let value): "text " + hex(value)
      case .blob(let value): "blob " + hex(value)
      }
    }
    // typeof and concatenation give NULL for NULL, an empty line.
    let lines = found.text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
    #expect(lines == expected)
  }
}
