import Foundation
import Testing

/// The examples of `docs/migrations.md`, as they stand there.
@Suite("A transform that keeps the old values")
struct UndoableTransformTests {
  private static func examples() throws -> [String] {
    let page = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../../docs/migrations.md")
    let text = try String(contentsOf: page.standardizedFileURL, encoding: .utf8)
    return text.matches(of: /```sql\n(-- migrate:up\n(?:(?!```)[\s\S])*)```/).map { String($0.1) }
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
}
