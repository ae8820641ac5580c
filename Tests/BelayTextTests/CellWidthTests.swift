import BelayText
import Testing

@Suite("The room that text takes on a terminal")
struct CellWidthTests {
  @Test(
    "is counted in cells",
    arguments: [
      ("", 0), ("shop", 4), ("größe", 5), ("表", 2), ("日本 x", 6), ("한글", 4), ("e\u{301}", 1), ("\u{301}", 0), ("🎉", 2),
      ("ｆ", 2), ("½…", 2),
    ])
  func cells(text: String, expected: Int) { #expect(text.cells == expected) }

  @Test("what fits is its beginning, and no character is cut in half")
  func prefix() {
    #expect("表表x".prefix(cells: 3) == "表" && "表表x".prefix(cells: 4) == "表表" && "abc".prefix(cells: 9) == "abc")
    #expect("abc".prefix(cells: 0).isEmpty)
    #expect("表".padded(to: 4) == "表  " && "abc".padded(to: 2) == "abc")
  }
}
