import DriverTesting
import Foundation
import Testing

/// Every template of `checks:`, as one that holds and one that does not, in one belay.yaml: what it must come to on every
/// engine.
enum TemplateCases {
  /// The tables that they are about, in SQL that every engine takes. Emails have a duplicate, a NULL and one that is none;
  /// one line refers to no order. Its moments are counted from when it is asked for: a test may wait for its turn.
  static var schema: String {
    """
    CREATE TABLE people (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(40) NOT NULL, email VARCHAR(80), state VARCHAR(10));
    CREATE TABLE items (id INTEGER NOT NULL PRIMARY KEY, person INTEGER, cents INTEGER NOT NULL);
    CREATE INDEX items_by_person ON items (person, cents);
    CREATE TABLE seen (at VARCHAR(30) NOT NULL, old_at VARCHAR(30), later VARCHAR(30));
    INSERT INTO people VALUES (1, 'a', 'a@example.org', 'open'), (2, 'b', 'b@example.org', 'open'),
      (3, 'c', 'b@example.org', 'paid'), (4, 'd', NULL, 'lost'), (5, 'e', 'nobody', NULL);
    INSERT INTO items VALUES (1, 1, 100), (2, 2, 200), (3, 99, 300), (4, NULL, 400);
    INSERT INTO seen VALUES ('\(moment(-60))', '\(moment(-900_000))', '\(moment(+900_000_000))');

    """
  }

  private static func moment(_ seconds: Double) -> String { Date().addingTimeInterval(seconds).formatted(.iso8601) }

  /// A check as YAML without its name, its status, and what its figure contains.
  static let cases: [(yaml: String, status: String, figure: String)] = [
    ("exists: people", "ok", "1 table"),
    ("exists: [people, itmes]", "failed", "no itmes"),
    ("not_null: {table: people, column: name}", "ok", "no rows"),
    ("not_null: {table: people, columns: [email, state]}", "failed", "2 rows"),
    ("not_null: {table: people, column: mail}", "failed", "no column mail in"),
    ("unique: {table: people, columns: [email, name]}", "ok", "no duplicates"),
    ("unique: {table: people, column: email}", "failed", "1 duplicate"),
    ("matches: {table: people, column: name, pattern: '^[a-e]$'}", "ok", "no rows"),
    ("matches: {table: people, column: email, pattern: '^[^@ ]+@[^@ ]+\\.[a-z]+$'}", "failed", "1 row"),
    ("in: {table: people, column: state, values: [open, paid, lost]}", "ok", "no rows"),
    ("in: {table: people, column: state, values: [open, paid]}", "failed", "1 row"),
    ("in: {table: items, column: cents, values: [100, 200, 300, 400]}", "ok", "no rows"),
    ("references: {table: items, column: id, to_table: people, to_column: id}", "ok", "no rows"),
    ("references: {table: items, column: person, to_table: people, to_column: id}", "failed", "1 row"),
    ("row_count: {table: people, min: 5, max: 5}", "ok", "5 rows"),
    ("row_count: {table: people, min: 6}", "failed", "5 rows"),
    ("shrank: {table: people, percent: 10}", "ok", "5 rows"),
    ("shrank: {table: items, percent: 10%}", "failed", "20 % fewer: 4 rows, 5 rows in"),
    ("fresh: {table: seen, column: at, within: 1h}", "ok", " old"),
    ("fresh: {table: seen, column: old_at, within: 1d}", "failed", "10 days old"),
    ("fresh: {table: seen, column: later, within: 1d}", "failed", "a moment in the future"),
    ("max_duration: {sql: SELECT count(*) FROM people, limit: 1h}", "ok", "s"),
    ("index_exists: {table: items, index: items_by_person}", "ok", "items_by_person"),
    ("index_exists: {table: items, column: person}", "ok", "items_by_person"),
    ("index_exists: {table: items, column: cents}", "failed", "no index that begins with cents"),
    ("column: {table: people, name: name, type: TYPE, nullable: false}", "ok", "NOT NULL"),
    ("column: {table: people, name: email, nullable: false}", "failed", "nullable"),
    ("sql: SELECT id FROM people WHERE id > 5", "ok", "no rows"),
    ("sql: SELECT count(*) FROM people\n    expect: 5", "ok", "5"),
    ("sql: SELECT nought FROM nowhere", "error", "nowhere"),
    ("row_count: {table: people, max: 1}\n    severity: warning", "warning", "5 rows"),
  ]

  /// - Parameter type: what the engine calls a VARCHAR.
  static func yaml(type: String) -> String {
    "checks:\n"
      + cases.enumerated().map { "  - name: case \($0)\n    \($1.yaml.replacing("TYPE", with: type))\n" }.joined()
  }

  /// Backs up, takes a line away, and holds what `check` says against the table.
  static func run(
    in shop: BelayFolder, type: String, configuration: String, environment: [String: String] = [:],
    execute: (String) throws -> Void
  ) throws {
    try shop.write(configuration + yaml(type: type), to: "belay.yaml")
    try execute("INSERT INTO items VALUES (5, 5, 500)")
    let backup = try shop.belay(["backup", "shop", "--verify", "manifest"], environment: environment)
    try #require(backup.status == 0, "\(backup)")
    try execute("DELETE FROM items WHERE id = 5")
    let run = try shop.belay(["check", "shop", "--json"], environment: environment)
    #expect(run.status == 31, "\(run)")
    struct Told: Decodable {
      var event: String
      var target: String?
      var name: String?
      var status: Status?
      var figure: String?
      enum Status: Decodable, Equatable {
        case word(String)
        case number(Int)
        init(from decoder: any Decoder) throws {
          let value = try decoder.singleValueContainer()
          if let word = try? value.decode(String.self) {
            self = .word(word)
          } else {
            self = .number(try value.decode(Int.self))
          }
        }
      }
    }
    let told = try run.output.split(separator: "\n").map { try JSONDecoder().decode(Told.self, from: Data($0.utf8)) }
      .filter { $0.event == "check" }
    for (index, wanted) in cases.enumerated() {
      let found = told.filter { $0.name == "case \(index)" }
      #expect(found.count == 1 && found.first?.target == "shop", "\(wanted.yaml)")
      #expect(found.first?.status == .word(wanted.status), "\(wanted.yaml): \(found)")
      #expect(found.first?.figure?.contains(wanted.figure) == true, "\(wanted.yaml): \(found)")
    }
    let integrity = told.filter { ["integrity", "foreign keys", "sequences"].contains($0.name) }
    #expect(integrity.count == 3 && integrity.allSatisfy { $0.status == .word("ok") }, "\(integrity)")
  }
}

@Suite("every template of a check, on every engine")
struct TemplateTests {
  @Test func `on SQLite`() throws {
    let shop = try Workspace(schema: TemplateCases.schema)
    try TemplateCases.run(in: shop, type: "varchar(40)", configuration: "targets: {shop: sqlite:shop.db}\n") {
      try shop.sqlite($0)
    }
  }

  @Test func `on PostgreSQL`() throws {
    let shop = try PostgreSQLWorkspace(schema: TemplateCases.schema)
    try TemplateCases.run(in: shop, type: "character varying", configuration: "targets: {shop: '\(shop.url)'}\n") {
      try shop.psql($0)
    }
  }

  @Test func `on MariaDB`() throws {
    let shop = try MariaDBWorkspace(schema: TemplateCases.schema)
    try TemplateCases.run(in: shop, type: "varchar", configuration: "targets: {shop: '\(shop.url)'}\n") {
      try shop.client($0)
    }
  }

  @Test func `on D1`() throws {
    let shop = try D1Workspace(schema: TemplateCases.schema)
    let configuration = try String(contentsOf: shop.folder.appending(path: "belay.yaml"), encoding: .utf8)
    try TemplateCases.run(in: shop, type: "VARCHAR", configuration: configuration) { _ = try shop.database.sql($0) }
  }
}
