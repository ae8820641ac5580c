import Foundation
import Testing

@Suite("belay check")
struct CheckCommandTests {
  /// Never ends by itself.
  static let hanging = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 1 FROM n WHERE i < 0"

  private func shop(_ checks: String) throws -> Workspace {
    let shop = try Workspace()
    try shop.sqlite("CREATE TABLE customers (id INTEGER PRIMARY KEY)", on: shop.folder.appending(path: "other.db"))
    try shop.write("targets: {shop: sqlite:shop.db, other: sqlite:other.db}\nchecks:\n" + checks, to: "belay.yaml")
    return shop
  }

  @Test func `all results are shown, also those that hold, and the engine's own`() throws {
    let shop = try shop("  - exists: customers\n  - not_null: {table: customers, column: email}\n")
    let run = try shop.belay("check", "shop")
    #expect(run.status == 0, "\(run)")
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines.count == 6 && lines[0].hasPrefix("STATUS  CHECK"), "\(run)")
    for (line, name) in zip(
      lines.dropFirst(), ["exists customers", "not_null customers.email", "integrity", "foreign keys", "sequences"])
    {
      #expect(line.hasPrefix("ok      \(name) ") && line.hasSuffix(" ms"), "\(line)")
    }
    #expect(run.errors.contains("shop: 5 checks: 5 ok"), "\(run)")
  }

  @Test func `a check that hangs and one with broken SQL are in error, and the others run`() throws {
    let shop = try shop(
      """
        - {name: hangs, sql: "\(Self.hanging)", timeout: 1s}
        - {name: broken, sql: SELEC 1}
        - {name: backtracks, matches: {table: log, column: what, pattern: '^(a|a|aa)+$'}, timeout: 1s}
        - exists: customers
        - {name: fails, row_count: {table: customers, min: 100}}

      """)
    // Each takes the better part of a second.
    let row = "('now', '\(String(repeating: "a", count: 60))!')"
    try shop.sqlite("INSERT INTO log VALUES \(Array(repeating: row, count: 50).joined(separator: ", "))")
    let run = try shop.belay("check", "shop")
    #expect(run.status == 31, "\(run)")
    #expect(run.output.contains(#/ERROR +hangs +it took more than 1 s and was ended/#), "\(run)")
    #expect(run.output.contains(#/ERROR +broken +near "SELEC"/#), "\(run)")
    #expect(run.output.contains(#/ERROR +backtracks +it took more than 1 s/#), "\(run)")
    #expect(run.output.contains(#/ok +exists customers/#) && run.output.contains(#/FAILED +fails +20 rows/#), "\(run)")
    #expect(run.output.contains(#/ok +integrity/#), "\(run)")
  }

  @Test func `a warning exits with 3`() throws {
    let shop = try shop("  - {row_count: {table: customers, max: 1}, severity: warning}\n")
    let run = try shop.belay("check", "shop")
    #expect(run.status == 3 && run.output.contains("warning  row_count customers"), "\(run)")
  }

  @Test func `without a target all are checked, and one that cannot be opened is said`() throws {
    let shop = try shop("  - exists: customers\n  - {exists: orders, targets: [shop]}\n")
    let run = try shop.belay("check")
    #expect(run.status == 0 && run.output.contains("\nother\n") && run.output.hasPrefix("shop\n"), "\(run)")
    #expect(run.output.components(separatedBy: "exists orders").count == 2, "\(run)")
    try FileManager.default.removeItem(at: shop.folder.appending(path: "other.db"))
    let less = try shop.belay("check")
    #expect(less.status != 0 && less.output.contains(#/ok +exists orders/#), "\(less)")
    #expect(less.output.contains("no check was run: cannot open"), "\(less)")
    #expect(try shop.belay("check", "shop", "nobody").status == 10)
  }

  @Test func `--nagios prints one line first, with numbers, and exits like a plugin`() throws {
    let shop = try shop(
      """
        - {name: "a|b='c'", row_count: {table: customers, min: 5, max: 50}}
        - {name: few, row_count: {table: customers, max: 3}, severity: warning}

      """)
    let warns = try shop.belay("check", "shop", "--nagios")
    let first = try #require(warns.output.split(separator: "\n").first)
    #expect(warns.status == 1 && warns.errors.isEmpty, "\(warns)")
    #expect(
      first.hasPrefix("BELAY WARNING - shop: 5 checks: 4 ok, 1 warning | 'a/b_''c'''=20;;5:50 'few'=20;3;"), "\(first)")
    #expect(warns.output.contains("\nWARNING shop: few: 20 rows, expected at most 3 rows\n"), "\(warns)")
    try shop.sqlite("DELETE FROM customers WHERE id > 3")
    let critical = try shop.belay("check", "shop", "--nagios")
    #expect(critical.status == 2 && critical.output.hasPrefix("BELAY CRITICAL - "), "\(critical)")
    try shop.write("targets: {shop: sqlite:other.db}\nchecks: [{name: x, sql: SELEC}]\n", to: "belay.yaml")
    #expect(try shop.belay("check", "shop", "--nagios").status == 3)
    for arguments in [["nobody"], ["shop", "--config", "nowhere.yaml"]] {
      let unknown = try shop.belay(["check", "--nagios"] + arguments)
      #expect(unknown.status == 3 && unknown.output.hasPrefix("BELAY UNKNOWN - "), "\(unknown)")
    }
    let gone = try shop.belay("check", "sqlite:gone.db", "--nagios")
    #expect(gone.status == 2 && gone.output.hasPrefix("BELAY CRITICAL - cannot open"), "\(gone)")
  }

  @Test func `--junit writes XML that a parser reads, whatever stands in names and values`() throws {
    let shop = try shop(
      """
        - {name: "<a & \\"b\\">", sql: "SELECT 'x' || char(1, 27) || '<&>]]>' FROM customers WHERE id < 3"}
        - {name: broken, sql: SELEC 1}
        - exists: customers

      """)
    let run = try shop.belay("check", "shop", "--junit", "out.xml")
    #expect(run.status == 31, "\(run)")
    let script = """
      import xml.etree.ElementTree as e
      s = e.parse('out.xml').getroot()[0]
      print(s.get('name'), s.get('tests'), s.get('failures'), s.get('errors'), float(s.get('time')) > 0)
      for c in s: print(c.get('name'), *[x.tag for x in c])
      print('\\\\x1b<&>]]>' in s[0][0].text)
      """
    let read = try Program.run("/usr/bin/env", ["python3", "-c", script], in: shop.folder)
    #expect(
      read.output == """
        shop 6 1 1 True
        <a & "b"> failure
        broken error
        exists customers
        integrity
        foreign keys
        sequences
        True

        """, "\(read)")
  }

  @Test func `--junit that cannot be written is an error that names the file`() throws {
    let shop = try shop("  - exists: customers\n")
    let run = try shop.belay("check", "shop", "--junit", "nowhere/out.xml")
    #expect(run.status == 1 && run.errors.contains("nowhere/out.xml"), "\(run)")
  }

  @Test(
    "templates count in a migration, before and after it",
    arguments: [
      ("  - not_null: {table: customers, column: email}\n", "ALTER TABLE customers DROP COLUMN email;", 31),
      ("  - shrank: {table: orders, percent: 10}\n", "DELETE FROM orders WHERE id > 50;", 31),
      ("  - shrank: {table: orders, percent: 60}\n", "DELETE FROM orders WHERE id > 50;", 0),
      ("  - {exists: tags, when: after}\n", "CREATE TABLE tags (id INTEGER);", 0),
      ("  - exists: tags\n", "CREATE TABLE labels (id INTEGER);", 0),
      (
        "  - {not_null: {table: customers, column: email}, when: never}\n", "ALTER TABLE customers DROP COLUMN email;",
        0
      ),
      ("  - {row_count: {table: customers, min: 200}, when: before}\n", "CREATE TABLE tags (id INTEGER);", 22),
      ("  - {row_count: {table: orders, min: 60}, severity: warning}\n", "DELETE FROM orders WHERE id > 50;", 0),
    ])
  func inMigration(check: String, sql: String, status: Int32) throws {
    let shop = try shop(check)
    try shop.migration("1.sql", "-- belay: allow-loss customers\n-- belay: allow-loss orders\n" + sql)
    let run = try shop.belay("migrate", "shop", "--yes", "--no-rehearse")
    #expect(run.status == status || (status == 0 && run.status == 3), "\(run)")
    if status == 31 {
      #expect(run.errors.contains(#/a check failed after the migration: check (not_null|shrank)/#), "\(run)")
    }
  }
}
