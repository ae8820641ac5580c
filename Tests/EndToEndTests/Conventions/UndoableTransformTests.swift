import DriverTesting
import Foundation
import Testing

/// The examples of `docs/migrations.md`, as they stand there.
@Suite("A transform that keeps the old values")
struct UndoableTransformTests {
  private static let page = URL(filePath: #filePath).deletingLastPathComponent()
    .appending(path: "../../../docs/migrations.md").standardizedFileURL

  private static func examples() throws -> [String] {
    let text = try String(contentsOf: page, encoding: .utf8)
    return text.matches(of: /```sql\n(-- migrate:up\n(?:(?!```)[\s\S])*)```/).map { String($0.1) }
  }

  /// The plain files, by the name in their first line.
  private static func plainExamples() throws -> [String: String] {
    let text = try String(contentsOf: page, encoding: .utf8)
    let found = text.matches(of: /```sql\n-- (000[0-9]_\S+\.sql)\n((?:(?!```)[\s\S])*)```/)
    return Dictionary(uniqueKeysWithValues: found.map { (String($0.1), String($0.2)) })
  }

  @Test("goes forward and back without losing a value", arguments: AdoptedEngine.allCases)
  func thereAndBack(engine: AdoptedEngine) throws {
    let examples = try Self.examples()
    try #require(examples.count == 2)
    let shop = try AdoptedShop(
      engine,
      schema: """
        CREATE TABLE customers (id integer PRIMARY KEY, email text NOT NULL);
        INSERT INTO customers VALUES (1, ' Ann@Example.com'), (2, 'bob@example.com'), (3, 'CY@example.com');
        CREATE TABLE orders (id integer PRIMARY KEY, customer integer REFERENCES customers, cents integer NOT NULL);
        INSERT INTO orders VALUES (1, 1, 0), (2, 2, 250), (3, 3, 0);
        """)
    for (index, text) in examples.enumerated() { try shop.write(["\(index + 1)_example.sql": text]) }
    let rows = "SELECT * FROM customers ORDER BY id; SELECT * FROM orders ORDER BY id;"
    let before = try shop.query(rows)
    let run = try shop.migrate()
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(
      try shop.query("SELECT email FROM customers ORDER BY id") == "ann@example.com\nbob@example.com\ncy@example.com")
    #expect(try shop.query("SELECT count(*) FROM orders") == "1")

    try shop.query("UPDATE customers SET email = 'new@example.com' WHERE id = 3")
    let down = try shop.migrate("--down", "2")
    #expect([0, 3].contains(down.status), "\(down)")
    #expect(try shop.query(rows) == before.replacing("CY@example.com", with: "new@example.com"))
  }

  private static let schema = """
    CREATE TABLE customers (id integer PRIMARY KEY, email varchar(100) NOT NULL);
    INSERT INTO customers VALUES (1, ' Ann@Example.com'), (2, 'bob@example.com'), (3, 'CY@example.com');
    CREATE TABLE orders (id integer PRIMARY KEY, customer integer REFERENCES customers(id), cents integer NOT NULL);
    INSERT INTO orders VALUES (1, 1, 0), (2, 2, 250), (3, 3, 0);
    """
  private static let emails = "SELECT email FROM customers ORDER BY id"
  private static let orders = "SELECT id, customer, cents FROM orders ORDER BY id"

  @Test("on Cloudflare D1, in plain files")
  func d1() throws {
    let shop = try D1Workspace(schema: Self.schema)
    try plain(shop, "shop") { try shop.database.sql($0).map { $0.joined(separator: "|") } }
  }

  @Test("on MariaDB, in plain files")
  func mariaDB() throws {
    let shop = try MariaDBWorkspace(schema: Self.schema)
    try plain(shop, shop.url) { sql in
      try shop.client(sql).split(separator: "\n").map { String($0).replacing("\t", with: "|") }
    }
  }

  private func plain(_ shop: BelayFolder, _ target: String, _ query: (String) throws -> [String]) throws {
    let examples = try Self.plainExamples()
    try #require(examples.count == 4)
    for (name, text) in examples { try shop.migration(name, text) }
    let before = [try query(Self.emails), try query(Self.orders)]
    let run = try shop.belay("migrate", target, "--yes")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(!run.errors.contains("old values"), "\(run)")
    let lowered = try query(Self.emails).joined(separator: " ")
    #expect(lowered.contains("ann@example.com") && lowered.contains("cy@example.com"), "\(lowered)")
    #expect(try query(Self.orders).count == 1)
    let down = try shop.belay(["migrate", target, "0008_free.down.sql", "0007_lower.down.sql", "--yes"])
    #expect([0, 3].contains(down.status), "\(down)")
    let after = [try query(Self.emails), try query(Self.orders)]
    #expect(after == before)
  }
}
