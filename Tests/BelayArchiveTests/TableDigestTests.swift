import BelayArchive
import Testing

@Suite("Table digests")
struct TableDigestTests {
  func digest(_ rows: [[Cell]]) -> TableDigest {
    var digest = TableDigest()
    withBatch(rows) { digest.add($0) }
    return digest
  }

  @Test("no rows: zero")
  func empty() {
    #expect(TableDigest().hex == String(repeating: "0", count: 64))
    #expect(TableDigest().rows == 0)
  }

  @Test("a stranger computes the same, with the script in docs/archive-format.md")
  func golden() {
    let rows: [[Cell]] = [
      [.null, .bool(true), .integer(-2), .real(-0.0), .text("zażółć"), .blob([0, 255]), .native("x")],
      [.real(.nan), .real(0.1), .integer(.min), .text(""), .blob([]), .null, .null],
    ]
    #expect(digest(rows).hex == "55a226030cee84eb8bae2f34babbbf90ff4a87b0c9df62462d8921393df066f9")
    #expect(digest(rows).rows == 2)
  }

  @Test("the order of the rows does not matter, nor how they are divided")
  func order() {
    var generator = Generator(seed: 4)
    let rows = (0..<300).map { _ in [generator.cell(), generator.cell()] }
    let whole = digest(rows)
    #expect(digest(rows.shuffled(using: &generator)) == whole)
    var merged = digest(Array(rows[..<100]))
    merged.merge(digest(Array(rows[100...])))
    #expect(merged == whole)
    #expect(merged.rows == 300)
  }

  @Test(
    "values that look alike are told apart",
    arguments: [
      ([.integer(1), .null], [.null, .integer(1)]), ([.integer(1)], [.real(1)]), ([.integer(1)], [.text("1")]),
      ([.text("a")], [.blob([97])]), ([.text("a")], [.native("a")]), ([.null], [.text("")]), ([.text("")], [.blob([])]),
      ([.real(0)], [.real(-0.0)]), ([.bool(true)], [.integer(1)]),
      ([.text("ab"), .text("c")], [.text("a"), .text("bc")]),
    ] as [([Cell], [Cell])])
  func apart(_ one: [Cell], _ other: [Cell]) { #expect(digest([one]) != digest([other])) }

  @Test("every NaN is the same NaN")
  func nans() {
    #expect(digest([[.real(.nan)]]) == digest([[.real(-Double(nan: 5, signaling: false))]]))
  }

  @Test("a row twice is not the same as once, and does not cancel out")
  func twice() {
    let row: [Cell] = [.integer(5)]
    #expect(digest([row, row]).hex != digest([row]).hex)
    #expect(digest([row, row]).hex != TableDigest().hex)
  }

  @Test("a large value is hashed as a small one would be", arguments: [64 << 10, (64 << 10) + 1, 3 << 20])
  func large(_ size: Int) {
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let rows: [[Cell]] = [[.integer(1), .blob(bytes), .text("end")]]
    #expect(digest(rows).hex == reference(rows))
  }

  @Test("large sums carry over", arguments: [1, 2, 3])
  func carries(_ seed: UInt64) {
    var generator = Generator(seed: seed)
    let rows = (0..<400).map { _ in [generator.cell()] }
    #expect(digest(rows).hex == reference(rows))
  }
}
