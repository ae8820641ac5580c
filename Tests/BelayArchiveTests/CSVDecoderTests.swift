import BelayArchive
import CBelayDriver
import Testing

@Suite("CSV read back")
struct CSVDecoderTests {
  /// Rows and columns of `csv`, handed over in pieces of `size` bytes.
  func decode(_ csv: [UInt8], pieces size: Int = 1 << 20) throws -> (columns: [String]?, rows: [[Cell]]) {
    var decoder = CSVDecoder(source: "t.csv")
    var rows: [[Cell]] = []
    for start in stride(from: 0, to: csv.count, by: size) {
      try Array(csv[start..<min(start + size, csv.count)]).withUnsafeBytes { piece in
        try decoder.decode(piece) { rows += cells($0) }
      }
    }
    try decoder.finish { rows += cells($0) }
    return (decoder.columns, rows)
  }

  @Test("what is written comes back with its types", arguments: Golden.values)
  func golden(_ value: Golden) throws {
    let decoded = try decode(Array("a\n\(value.csv)\n".utf8))
    let expected: Cell =
      switch value.cell {
      case .native(let text): .text(text)
      default: value.cell
      }
    let sign: (Cell) -> FloatingPointSign? = { if case .real(let real) = $0 { real.sign } else { nil } }
    if case .real(let real) = value.cell, real.isNaN {
      guard case .real(let found) = decoded.rows.first?.first else {
        Issue.record("not a real: \(decoded.rows)")
        return
      }
      #expect(found.isNaN)
    } else {
      #expect(decoded.rows == [[expected]])
      #expect(decoded.rows.first?.first.map(sign) == sign(expected))
    }
  }

  @Test("random rows come back with equal digests, whatever the pieces", arguments: 1...25)
  func roundTrip(_ seed: Int) throws {
    var generator = Generator(seed: UInt64(seed))
    let width = Int.random(in: 1...6, using: &generator)
    let rows = (0..<Int.random(in: 1...200, using: &generator)).map { _ in (0..<width).map { _ in generator.cell() } }
    let columns = (0..<width).map { "c\($0)\(generator.text())" }
    var before = TableDigest()
    withBatch(rows) { before.add($0) }
    let csv = encoded(CSVEncoder(), columns: columns, [rows])
    for size in [1, 7, 4096] {
      var after = TableDigest()
      let decoded = try decode(csv, pieces: size)
      withBatch(decoded.rows) { after.add($0) }
      #expect(decoded.columns == columns)
      #expect(after == before)
    }
  }

  @Test("large tables come in batches of about a megabyte, a large value alone is no limit")
  func batches() throws {
    let rows: [[Cell]] = (0..<3000).map { [.text(String(repeating: "x", count: 1000)), .integer($0)] }
    let csv = encoded(
      CSVEncoder(), columns: ["a", "b"], [rows, [[.blob([UInt8](repeating: 1, count: 3 << 20)), .null]]])
    var decoder = CSVDecoder(source: "t.csv")
    var sizes: [UInt64] = []
    try csv.withUnsafeBytes { try decoder.decode($0) { sizes.append($0.nrows) } }
    try decoder.finish { sizes.append($0.nrows) }
    #expect(sizes.reduce(0, +) == 3001)
    #expect(sizes.count == 3 && sizes.allSatisfy { $0 < 1100 })
  }

  @Test("natives can be asked for in place of text")
  func natives() throws {
    var decoder = CSVDecoder(source: "t.csv", text: UInt32(BELAY_NATIVE))
    var rows: [[Cell]] = []
    try Array("a,b\n\"1\",2\n".utf8).withUnsafeBytes { try decoder.decode($0) { rows += cells($0) } }
    try decoder.finish { rows += cells($0) }
    #expect(rows == [[.native("1"), .integer(2)]])
  }

  @Test(
    "what does not follow the convention is an error with its line",
    arguments: [
      ("", 1), ("a,b", 1), ("a\nb\n", 2), ("a\n1\n\"x\n", 3), ("a\n\"x\"y\n", 2), ("a\nx\"y\n", 2), ("a,b\n1\n", 2),
      ("a,b\n1,2\n1,2,3\n", 3), ("a\n\\x0\n", 2), ("a\n\\xAB\n", 2), ("a\n\\y\n", 2), ("a\n1e\n", 2), ("a\n-\n", 2),
      ("a\n9223372036854775808\n", 2), ("a\n-9223372036854775809\n", 2), ("a\nTRUE\n", 2), ("a\nnull\n", 2),
      ("a\ninf\n", 2), ("a\n0x1.0\n", 2), ("a\n1\r\n", 2), ("a\n 1\n", 2), ("a,b\n\"1\n2\",3\n4\n", 4),
    ])
  func malformed(_ text: String, _ line: Int) {
    let error = #expect(throws: ArchiveError.self) { _ = try decode(Array(text.utf8)) }
    #expect(error?.kind == .malformed)
    #expect(error?.message.hasPrefix("t.csv, line \(line): ") == true, "\(error?.message ?? "")")
  }
}
