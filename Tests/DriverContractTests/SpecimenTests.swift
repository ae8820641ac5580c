import BelayConformance
import Testing

@Suite("A specimen that cannot be used")
struct SpecimenTests {
  @Test(
    "says which value is wrong, and what it must be",
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
