import BelayConformance
import DriverTesting
import Foundation
import Testing

@Suite("Specimens")
struct SpecimenTests {
  @Test("the page shows the default one")
  func documented() throws {
    let page = try String(contentsOfFile: "\(Compiler.repository)/docs/conformance.md", encoding: .utf8)
    let shown = try #require(page.firstMatch(of: /(?s)<!-- default specimen -->\n```yaml\n(.*?\n)```/)?.1)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted]
    let texts = try [Specimen(yaml: String(shown)), Specimen()].map {
      String(decoding: try encoder.encode($0), as: UTF8.self)
    }
    #expect(texts[0] == texts[1])
  }

  @Test(
    "one that cannot be used says which value is wrong, and what it must be",
    arguments: [
      ("rows: [[a, b], [c, [d]]]", "rows[2][2] must be a text"),
      ("rows: nothing", "rows must be a list"),
      ("longest_value: long", "longest_value must be a whole number"),
      ("types: [a]", "types must be a mapping (key: value)"),
      ("script:\n  - writes: [create table t]", "script[1] has no `sql`"),
      ("frob: 1", "frob is not a known key"),
      ("rows: []", "each row in rows must have two values"),
      ("- a", "the top level must be a mapping"),
    ])
  func reasons(yaml: String, reason: String) {
    let error = #expect(throws: Specimen.Unreadable.self) { try Specimen(yaml: yaml) }
    #expect(error?.reason.hasPrefix(reason) == true, "\(error?.reason ?? "")")
  }
}
