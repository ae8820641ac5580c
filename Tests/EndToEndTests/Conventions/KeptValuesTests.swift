import Foundation
import Testing

/// What the plan says of migrations that keep old values for their way down, and of such as had better.
@Suite("Kept values: findings")
struct KeptValuesTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let up: String
    let down: String
    /// nil: nothing is said.
    let says: String?
  }

  private static let keeps =
    "ALTER TABLE customers ADD COLUMN _backup_email text;\nUPDATE customers SET _backup_email = email || '';\n"
  private static let changes = "UPDATE customers SET email = lower(email) WHERE id > 0;\n"
  private static let back = "UPDATE customers SET email = _backup_email WHERE id > 0;\n"
  private static let drop = "ALTER TABLE customers DROP COLUMN _backup_email;\n"

  private static let cases = [
    Case(testDescription: "kept, used and dropped", up: keeps + changes, down: back + drop, says: nil),
    Case(
      testDescription: "kept after the change", up: changes + keeps, down: back + drop,
      says: "customers.email is changed before _backup_email has the old values"),
    Case(
      testDescription: "kept and not used", up: keeps + changes, down: "SELECT 1;",
      says: "keeps old values in _backup_email, and its way down does not take them from there"),
    Case(
      testDescription: "used and not dropped", up: keeps + changes, down: back,
      says: "keeps old values in _backup_email, which its way down does not drop"),
    Case(
      testDescription: "not kept", up: changes, down: "SELECT 1;",
      says: "customers.email, and its way down has the old values from nowhere"),
    Case(testDescription: "not kept, and no way down", up: changes, down: "-- none", says: nil),
    Case(
      testDescription: "rows archived too late",
      up: "DELETE FROM orders WHERE id = 1;\nCREATE TABLE _archive_orders AS SELECT * FROM orders;\n",
      down: "INSERT INTO orders SELECT * FROM _archive_orders;\nDROP TABLE _archive_orders;\n",
      says: "orders are deleted before _archive_orders has the old values"),
    Case(
      testDescription: "rows not archived", up: "DELETE FROM orders WHERE id = 1;", down: "SELECT 1;",
      says: "orders, and its way down has them from nowhere"),
    Case(
      testDescription: "a new column",
      up: "ALTER TABLE customers ADD COLUMN x text;\nUPDATE customers SET x = lower(email) WHERE id > 0;\n",
      down: "ALTER TABLE customers DROP COLUMN x;", says: nil),
  ]

  /// One database of each engine for all of them: a plan changes nothing.
  @Test("each mistake is named, and nothing else", arguments: AdoptedEngine.allCases)
  func findings(engine: AdoptedEngine) throws {
    let shop = try AdoptedShop(
      engine,
      schema: """
        CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
        CREATE TABLE orders (id integer PRIMARY KEY, cents integer NOT NULL);
        """)
    for one in Self.cases {
      try shop.write(["1_x.sql": "-- migrate:up\n\(one.up)\n-- migrate:down\n\(one.down)\n"])
      let run = try shop.folder.belay("migrate", shop.folder.url, "--plan")
      #expect(run.status == 0, "\(one): \(run)")
      if let says = one.says {
        #expect(run.errors.contains(says), "\(one): \(run)")
      }
      let found = run.errors.matches(of: /\[(?:kept-too-late|kept-unused|not-kept)\]/).count
      #expect(found == (one.says == nil ? 0 : 1), "\(one): \(run)")
    }
  }

  @Test("a plain file with one that undoes it is judged alike")
  func plain() throws {
    let shop = try AdoptedShop(.sqlite, schema: "CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);")
    try shop.write(["1_x.sql": Self.keeps + Self.changes, "1_x.down.sql": Self.back])
    let run = try shop.folder.belay("migrate", shop.folder.url, "--plan")
    #expect(run.errors.contains("which its way down does not drop"), "\(run)")
  }

  @Test("plain files: two of one number, and a ledger that is newer than the folder")
  func plainFolder() throws {
    let shop = try AdoptedShop(.sqlite)
    try shop.write([
      "1_a.sql": "CREATE TABLE a (x);", "01_b.sql": "CREATE TABLE b (x);", "2_c.sql": "CREATE TABLE c (x);",
    ])
    let run = try shop.migrate("--no-rehearse", "--to", "1")
    #expect(run.status == 3, "\(run)")
    #expect(
      run.errors.contains("1_a.sql: has the number of another file: 01_b.sql, 1_a.sql are applied in this order"),
      "\(run)")
    #expect(run.errors.contains("applied 2 migrations"), "both have the number 1: \(run)")
    #expect(try shop.migrate("--no-rehearse").status == 0)
    try FileManager.default.removeItem(at: shop.folder.folder.appending(path: "migrations/2_c.sql"))
    let ahead = try shop.migrate()
    #expect(ahead.output.contains("nothing to apply"), "\(ahead)")
    #expect(ahead.errors.contains("2_c.sql: has been applied") && ahead.errors.contains("the right branch"), "\(ahead)")
    // Days are numbers that several files may have.
    try shop.write(["20261120_a.sql": "SELECT 1;", "20261120_b.sql": "SELECT 1;"])
    let days = try shop.migrate("--plan")
    #expect(days.status == 0 && !days.errors.contains("the number of another file"), "\(days)")
  }
}
