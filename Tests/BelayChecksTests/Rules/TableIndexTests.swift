import BelayDrivers
import Testing

@testable import BelayChecks

@Suite("indexes in a catalog")
struct TableIndexTests {
  private func index(_ definition: String, kind: String = "index") -> TableIndex? {
    TableIndex(SchemaObject(kind: kind, name: "i", parent: "t", definition: definition))
  }

  static let serving = [
    "CREATE INDEX i ON t(a)", "CREATE INDEX i ON t (\"a\" DESC, b)", "KEY `i` (`a`,`b`)",
    "CREATE UNIQUE INDEX i ON public.\"odd (t\" USING btree (a text_pattern_ops, b)",
    "UNIQUE KEY `i` (`a`) USING BTREE",
    "CREATE INDEX i ON t (A COLLATE NOCASE)",
  ]

  @Test("an index serves the columns that it begins with", arguments: serving)
  func serves(definition: String) throws {
    #expect(try #require(index(definition)).begins(with: ["a"]))
    #expect(try !#require(index(definition)).begins(with: ["b"]))
  }

  static let partial = [
    "CREATE INDEX i ON t(lower(a))", "CREATE INDEX i ON t (a) WHERE b > 0", "KEY `i` (`a`(10))",
    "CREATE INDEX i ON t(b, a)",
  ]

  @Test("one of a part of the rows or of the values does not", arguments: partial)
  func others(definition: String) { #expect(index(definition)?.begins(with: ["a"]) != true) }

  @Test(
    "a constraint counts if it has an index",
    arguments: [
      ("PRIMARY KEY (a)", true), ("UNIQUE (a)", true), ("FOREIGN KEY (a) REFERENCES p(unique_a)", false),
      ("CHECK (a > 0)", false),
    ])
  func constraint(definition: String, serves: Bool) {
    #expect((index(definition, kind: "constraint")?.begins(with: ["a"]) ?? false) == serves)
  }

  @Test("a quote in a name is doubled")
  func quotes() throws { #expect(try #require(index("CREATE INDEX i ON t(\"a\"\"b\")")).begins(with: ["a\"b"])) }
}
