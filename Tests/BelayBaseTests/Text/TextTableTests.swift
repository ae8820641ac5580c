import BelayBase
import Testing

@Suite("A table of text")
struct TextTableTests {
  private static let table = TextTable(
    header: ["table", "rows", "lock", "for", "rows written"],
    rows: [
      [
        "public.orders_of_the_year_2026_by_customer", "1200000", "AccessExclusiveLock", "0.30 s from 1.sql, line 3",
        "~12",
      ],
      ["t", "3", "RowExclusiveLock", "-", "none"],
    ])

  @Test("is as wide as it must be, with its columns aligned")
  func whole() {
    #expect(
      TextTable(header: ["a", "", "c"], rows: [["1", "22", ""], ["333"]]).lines == ["a        c", "1    22", "333"])
    #expect(Self.table.lines.count == 3)
    #expect(Self.table.lines(fitting: 200) == Self.table.lines)
  }

  @Test("fits into a narrower place: columns stay columns, and nothing is lost", arguments: [50, 60, 80, 100])
  func fitted(columns: Int) {
    let lines = Self.table.lines(fitting: columns)
    #expect(lines.allSatisfy { $0.count <= columns }, "\(lines.joined(separator: "\n"))")
    #expect(lines.count > 3)
    func characters(_ lines: [String]) -> [Character] { lines.joined().filter { $0 != " " }.sorted() }
    #expect(characters(lines) == characters(Self.table.lines))
    // The second column begins where it begins in the header.
    let start = lines[0].firstRange(of: "rows")?.lowerBound ?? lines[0].endIndex
    let width = lines[0].distance(from: lines[0].startIndex, to: start)
    let first = lines.dropFirst().prefix { !$0.hasPrefix("t ") }.map { $0.prefix(width) }
    #expect(first.joined().replacing(" ", with: "").hasSuffix(Self.table.rows[0][0]), "\(lines)")
  }

  @Test("a cell is broken between words where there are some")
  func words() {
    let table = TextTable(header: ["a", "b"], rows: [["one two three", "x"]])
    #expect(table.lines(fitting: 11) == ["a         b", "one two   x", "three"])
  }

  @Test("where there is no room for all columns, each row is a paragraph that names them")
  func narrow() {
    #expect(
      Self.table.lines(fitting: 34) == [
        "public.orders_of_the_year_2026_by_customer", "  rows 1200000", "  lock AccessExclusiveLock",
        "  for 0.30 s from 1.sql, line 3", "  rows written ~12", "t", "  rows 3  lock RowExclusiveLock",
        "  for -  rows written none",
      ])
  }

  @Test("a column that is to be copied is never broken: the others give way, or the row is a paragraph")
  func copied() {
    let id = "20261120T143022Z-shop-before-swap"
    let table = TextTable(
      header: ["archive", "age", "about"], rows: [[id, "3 h", "a long description of what is in it"]], whole: 0)
    for columns in [30, 50, 60, 80, 200] {
      let lines = table.lines(fitting: columns)
      #expect(lines.contains { $0.contains(id) }, "\(lines)")
      #expect(lines.allSatisfy { $0.count <= max(columns, id.count) }, "\(lines)")
    }
  }

  @Test("a character of two cells takes the room of two")
  func wide() {
    let table = TextTable(header: ["a", "b"], rows: [["表表", "x"], ["zzzz", "y"]])
    #expect(table.lines == ["a     b", "表表  x", "zzzz  y"])
    #expect(table.lines(fitting: 200) == table.lines)
    #expect(TextTable(header: ["a"], rows: [["表表表表表"]]).lines(fitting: 7) == ["a", "表表表", "表表"])
  }

  @Test("tables among lines are found again by their places, and one that is not among the lines is left out")
  func placed() {
    let parts: [TextPart] = [
      .line("before"), .table(TextTable(header: ["a"], rows: [["1"], ["2"]], whole: 0)), .line("after"),
      .table(TextTable(header: ["b"], rows: [])),
    ]
    #expect([TextPart](lines: parts.lines, tables: parts.tables) == parts)
    #expect([TextPart](lines: ["a"], tables: parts.tables) == [.line("a")])
  }
}
