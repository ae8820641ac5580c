import Testing

@testable import BelayCLI

@Suite("Lines in a terminal that is narrower than they are")
struct WrappingTests {
  @Test("a long line is broken between words, and goes on under its own indentation")
  func words() {
    let line = "  hint: free some space on the disk of the store, or choose another store with --store"
    let lines = Wrapping.lines(line, columns: 50)
    #expect(
      lines == [
        "  hint: free some space on the disk of the store,", "    or choose another store with --store",
      ])
    #expect(lines.allSatisfy { $0.count <= 50 })
  }

  @Test(
    "what fits, and a word that is longer than the line, stay whole",
    arguments: ["short", String(repeating: "x", count: 60), "ok     backup     sqlite:shop.db      0.1 s"])
  func whole(line: String) {
    #expect(Wrapping.lines(line, columns: 50) == [line])
  }

  @Test("colours take no room")
  func colours() {
    let line = "\u{1B}[31merror: \u{1B}[0m" + String(repeating: "word ", count: 8) + "end"
    #expect(Wrapping.lines(line, columns: 52) == [line])
    #expect(Wrapping.lines(line, columns: 45).count == 2)
  }

  @Test("a terminal that is too narrow for prose breaks the lines itself")
  func narrow() {
    let line = String(repeating: "word ", count: 20)
    #expect(Wrapping.lines(line, columns: 20) == [line])
  }
}
