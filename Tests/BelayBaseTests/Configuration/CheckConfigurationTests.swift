import BelayBase
import Testing

@Suite("checks in belay.yaml")
struct CheckConfigurationTests {
  private func parse(_ text: String) throws(ConfigurationError) -> [CheckDefinition] {
    try Configuration.parse("targets: {shop: a:b, other: c:d}\nchecks:\n" + text, file: "/srv/belay.yaml").checks
  }

  @Test("every template is read as written, with a name that says what it is")
  func templates() throws {
    let checks = try parse(
      """
        - exists: [a, b]
        - not_null: {table: t, columns: [x, y]}
        - matches: {table: t, column: x, pattern: '^\\d+$'}
        - in: {table: t, column: x, values: [1, two]}
        - references: {table: t, column: x, to_table: p, to_column: id}
        - row_count: {table: t, min: 1}
        - shrank: {table: t, percent: 2.5%}
        - fresh: {table: t, column: at, within: 26h}
        - max_duration: {sql: SELECT 1, limit: 200ms}
        - index_exists: {table: t, index: i}
        - column: {table: t, name: x, type: int, nullable: no}
        - {unique: {table: t, column: x}, name: mine, severity: warning, timeout: 2m, when: never, targets: shop}
      """)
    #expect(
      checks.map(\.rule) == [
        .exists(objects: ["a", "b"]), .notNull(table: "t", columns: ["x", "y"]),
        .matches(table: "t", column: "x", pattern: "^\\d+$"), .among(table: "t", column: "x", values: ["1", "two"]),
        .references(CheckReference(table: "t", columns: ["x"], otherTable: "p", otherColumns: ["id"])),
        .rowCount(table: "t", least: 1, most: nil), .shrank(table: "t", percent: 2.5),
        .fresh(table: "t", column: "at", seconds: 93_600), .maxDuration(sql: "SELECT 1", milliseconds: 200),
        .indexExists(table: "t", index: .name("i")),
        .column(CheckedColumn(table: "t", name: "x", type: "int", isNullable: false)),
        .unique(table: "t", columns: ["x"]),
      ])
    #expect(checks.map(\.name).prefix(3) == ["exists a, b", "not_null t(x, y)", "matches t.x"])
    let last = try #require(checks.last)
    #expect(last.name == "mine" && last.severity == .warning && last.timeoutSeconds == 120 && last.when == .never)
    #expect(last.isAbout("shop") && !last.isAbout("other") && !last.isAbout(nil))
  }

  @Test(
    "what is wrong names its line, and what was meant",
    arguments: [
      ("  - not_nul: {table: t, column: x}\n", 3, "unknown key `not_nul` in `checks[1]`", "did you mean `not_null`?"),
      (
        "  - unique:\n      table: t\n      colmns: [x]\n", 5, "unknown key `colmns` in `checks[1].unique`",
        "did you mean `columns`?"
      ),
      (
        "  - exists: t\n    unique: {table: t, column: x}\n", 3,
        "`checks[1]` has `exists` and `unique`, but a check checks one thing", nil
      ),
      ("  - not_null: {column: x}\n", 3, "`checks[1].not_null` has no `table`", nil),
      ("  - not_null: {table: t}\n", 3, "`checks[1].not_null` has neither `column` nor `columns`", nil),
      (
        "  - exists: t\n    expect: 1\n", 4, "`checks[1].expect` needs `sql`: `exists` says itself what it expects", nil
      ),
      ("  - row_count: {table: t}\n", 3, "`checks[1].row_count` has neither `min` nor `max`", nil),
      ("  - row_count: {table: t, min: 2, max: 1}\n", 3, "`checks[1].row_count` has a `min` above its `max`", nil),
      (
        "  - shrank: {table: t, percent: 110}\n", 3,
        "`checks[1].shrank.percent` is `110`, which is not a number from 0 to 100", nil
      ),
      (
        "  - matches: {table: t, column: x, pattern: '['}\n", 3,
        "`checks[1].matches.pattern` is `[`, which is not a regular expression", nil
      ),
      (
        "  - max_duration: {sql: a, limit: 0ms}\n", 3,
        "`checks[1].max_duration.limit` is `0ms`, which is not a duration", nil
      ),
      (
        "  - in: {table: t, column: x, values: []}\n", 3, "`checks[1].in.values` is empty: no value would be right", nil
      ),
      (
        "  - exists: t\n    targets: [shp]\n", 4, "`checks[1].targets` names `shp`, which is not among `targets`",
        "did you mean `shop`?"
      ),
      ("  - exists: t\n    timeout: 0\n", 4, "`checks[1].timeout` leaves the check no time", nil),
      ("  - exists: t\n  - exists: t\n", 4, "`checks` has two entries named `exists t`", "give one of them a `name`"),
      (
        "  - exists: t\n    severity: mild\n", 4, "`checks[1].severity` is `mild`, which is not one of error, warning",
        nil
      ),
      (
        "  - references: {table: t, columns: [a, b], to_table: p, to_column: x}\n", 3,
        "`checks[1].references` has 2 columns, but 1 of `p`", nil
      ),
    ] as [(String, Int, String, String?)])
  func wrong(text: String, line: Int, message: String, hint: String?) throws {
    let error = try #require(throws: ConfigurationError.self) { try parse(text) }
    #expect(error.message == message)
    #expect(error.line == line)
    if let hint { #expect(error.hint == hint) }
  }
}
