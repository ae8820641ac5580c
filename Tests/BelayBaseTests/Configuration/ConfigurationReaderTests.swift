import BelayBase
import Testing

@Suite("belay.yaml")
struct ConfigurationReaderTests {
  private func parse(_ text: String) throws(ConfigurationError) -> Configuration {
    try Configuration.parse(text, file: "/srv/shop/belay.yaml")
  }

  @Test("a file with every key is read as written")
  func everyKey() throws {
    let configuration = try parse(
      """
      targets:
        shop: sqlite:shop.db
        warehouse:
          url: postgres://u:${PW}@h/w
          options:
            connect_timeout: 10
            foreign_keys: off
      store: /var/backups
      migrations:
        dir: db/migrate
        ledger: applied
        lock_timeout: 2m
        statement_timeout: 1h
      retention:
        previous_databases: 90m
      report:
        row_values: true
      formats: [native, json]
      checks:
        - name: no orphan
          sql: SELECT 1 WHERE 0
        - name: one open
          sql: |
            SELECT count(*)
            FROM invoices
          expect: 1
          when: after
      audit:
        - {name: mails, sql: SELECT 2, when: before}
      plans:
        - {name: orders, sql: SELECT 3, rows: 500, fail: true}
        - {name: users, sql: SELECT 4}
      contract: strict
      driver_path: drivers
      """)
    #expect(
      configuration.targets == [
        .init(name: "shop", url: "sqlite:shop.db", line: 2, options: [:]),
        .init(
          name: "warehouse", url: "postgres://u:${PW}@h/w", line: 4,
          options: ["connect_timeout": "10", "foreign_keys": "off"]),
      ])
    #expect(configuration.store == "/var/backups")
    #expect(configuration.migrations.directory == "/srv/shop/db/migrate")
    #expect(configuration.migrations.ledger == "applied")
    #expect(configuration.migrations.lockTimeoutSeconds == 120)
    #expect(configuration.migrations.statementTimeoutSeconds == 3600)
    #expect(configuration.retention.previousDatabasesSeconds == 5400)
    #expect(configuration.report.showsRows)
    #expect(configuration.formats == [.native, .json])
    #expect(
      configuration.checks == [
        CheckDefinition(name: "no orphan", sql: "SELECT 1 WHERE 0"),
        CheckDefinition(name: "one open", sql: "SELECT count(*)\nFROM invoices\n", expect: "1", when: .after),
      ])
    #expect(configuration.audit == [CheckDefinition(name: "mails", sql: "SELECT 2", when: .before)])
    #expect(
      configuration.plans == [
        PlanDefinition(name: "orders", sql: "SELECT 3", rows: 500, fails: true),
        PlanDefinition(name: "users", sql: "SELECT 4", rows: 10_000, fails: false),
      ])
    #expect(configuration.contract == .strict)
    #expect(configuration.driverPaths == ["/srv/shop/drivers"])
  }

  @Test(
    "a file that says nothing leaves everything as it is without one", arguments: ["", "# nothing\n", "targets:\n"])
  func nothing(text: String) throws {
    var expected = Configuration(folder: "/srv/shop")
    expected.file = "/srv/shop/belay.yaml"
    #expect(try parse(text) == expected)
  }

  @Test("what `belay init` writes is such a file")
  func template() throws {
    var expected = Configuration(folder: "/srv/shop")
    expected.file = "/srv/shop/belay.yaml"
    #expect(try parse(ConfigurationTemplate.text) == expected)
  }

  @Test("what `belay init` writes is right in its comments too")
  func templateUncommented() throws {
    // "# words" is prose; "#  key:", "# key: value" are examples.
    let lines = ConfigurationTemplate.text.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      if line.hasPrefix("#  ") { return "  " + line.dropFirst(3) }
      let isExample = ["# store:", "# formats:", "# contract:", "# driver_path:"].contains { line.hasPrefix($0) }
      return isExample ? String(line.dropFirst(2)) : String(line)
    }
    let configuration = try parse(lines.joined(separator: "\n"))
    #expect(configuration.targets.map(\.name) == ["shop", "warehouse"])
    #expect(configuration.checks.count == 4)
    #expect(configuration.audit.count == 1)
    #expect(configuration.store == "/srv/shop/backups")
    #expect(configuration.formats == [.native, .sql, .csv])
    #expect(configuration.migrations.lockTimeoutSeconds == 5)
    #expect(configuration.driverPaths == ["/srv/shop/drivers"])
  }

  struct Wrong: Sendable, CustomTestStringConvertible {
    let text: String
    let line: Int
    let message: String
    var hint: String?
    var testDescription: String { message }
  }

  @Test(
    "what is wrong is an error that names the line",
    arguments: [
      Wrong(
        text: "store: a\nmigration:\n  dir: b\n", line: 2, message: "unknown key `migration`",
        hint: "did you mean `migrations`?"),
      Wrong(
        text: "reminder: 3\n", line: 1, message: "unknown key `reminder`",
        hint:
          "known keys: targets, store, migrations, retention, report, formats, checks, audit, plans, contract, driver_path, watch, guard, spot_checks, hooks, encryption, repositories"
      ),
      Wrong(
        text: "migrations:\n  dir: b\n  lock_timout: 5s\n", line: 3,
        message: "unknown key `lock_timout` in `migrations`", hint: "did you mean `lock_timeout`?"),
      Wrong(
        text: "targets:\n  a: {uri: b:c}\n", line: 2, message: "unknown key `uri` in `targets.a`",
        hint: "did you mean `url`?"),
      Wrong(
        text: "targets:\n  - a\n", line: 2, message: "`targets` must be a mapping (key: value), but is a list"),
      Wrong(text: "store: [a]\n", line: 1, message: "`store` must be text, but is a list"),
      Wrong(text: "\n\nformats: native\n", line: 3, message: "`formats` must be a list, but is `native`"),
      Wrong(
        text: "formats:\n  - sql\n  - nativ\n", line: 3,
        message: "`formats[2]` is `nativ`, which is not one of native, sql, csv, json", hint: "did you mean `native`?"),
      Wrong(text: "formats: [sql, sql]\n", line: 1, message: "`sql` is listed twice in `formats`"),
      Wrong(
        text: "formats: []\n", line: 1, message: "`formats` is empty",
        hint: "omit the key for native, sql and csv"),
      Wrong(
        text: "migrations:\n  lock_timeout: 5\n", line: 2,
        message: "`migrations.lock_timeout` is `5`, which is not a duration",
        hint: "write 5s, 2m, 1h or 7d, at most 36500d; 0 means a single attempt"),
      Wrong(
        text: "migrations:\n  lock_timeout: 9999999999999999h\n", line: 2,
        message: "`migrations.lock_timeout` is `9999999999999999h`, which is not a duration",
        hint: "write 5s, 2m, 1h or 7d, at most 36500d; 0 means a single attempt"),
      Wrong(text: "checks:\n  - sql: SELECT 1\n", line: 2, message: "`checks[1]` has no `name`"),
      Wrong(
        text: "checks:\n  - name: a\n    sql:\n", line: 2,
        message: "`checks[1]` has neither `sql` nor a template",
        hint: "templates: exists, not_null, unique, matches, in, references, row_count, shrank, fresh, max_duration, "
          + "index_exists, column"),
      Wrong(
        text: "checks:\n  - name: a\n    sql: b\n    when: allways\n", line: 4,
        message: "`checks[1].when` is `allways`, which is not one of before, after, both, never"),
      Wrong(
        text: "audit:\n  - {name: a, sql: b}\n  - {name: a, sql: c}\n", line: 3,
        message: "`audit` has two entries named `a`"),
      Wrong(
        text: "plans:\n  - {name: a, sql: b, rows: many}\n", line: 2,
        message: "`plans[1].rows` is `many`, which is not a number"),
      Wrong(
        text: "plans:\n  - {name: a, sql: b, fail: perhaps}\n", line: 2,
        message: "`plans[1].fail` is `perhaps`, which is neither true nor false"),
      Wrong(
        text: "contract: loose\n", line: 1, message: "`contract` is `loose`, which is not one of collateral, strict"),
      Wrong(
        text: "targets:\n  a b: c:d\n", line: 2, message: "`a b` is not a valid name for a target",
        hint: "use letters, digits, and . _ -"),
      Wrong(text: "targets:\n  a:\n    options: {b: c}\n", line: 3, message: "`targets.a` has no `url`"),
      Wrong(text: "- a\n", line: 1, message: "must have keys at the top level, such as `targets:`"),
      Wrong(text: "store: a\nstore: b\n", line: 2, message: "duplicate key `store`"),
    ])
  func wrong(_ wrong: Wrong) throws {
    let error = try #require(throws: ConfigurationError.self) { try parse(wrong.text) }
    #expect(error.file == "/srv/shop/belay.yaml")
    #expect(error.line == wrong.line)
    #expect(error.message == wrong.message)
    #expect(error.hint == wrong.hint)
  }

  @Test("text that is no YAML is an error that names the line", arguments: ["a: b\n c: [", "a: b\n\t- c\n", "a: 'b\n"])
  func notYAML(text: String) throws {
    let error = try #require(throws: ConfigurationError.self) { try parse(text) }
    #expect(error.message.hasPrefix("is not YAML"))
    #expect(error.line != nil)
  }

  @Test("on the command line an error is wrong usage, with file and line before it")
  func asBelayError() {
    let error = ConfigurationError(file: "/a/belay.yaml", line: 7, message: "unknown key `x`", hint: "h").asBelayError
    #expect(error == BelayError(.usage, "/a/belay.yaml:7: unknown key `x`", hint: "h", state: "nothing was done"))
  }
}
