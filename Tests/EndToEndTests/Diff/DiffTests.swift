import DriverTesting
import Foundation
import Testing

/// A shop of one engine, for tests that are the same on all.
protocol DiffedShop: BelayFolder {
  func change(_ sql: String) throws
}

extension Workspace: DiffedShop {
  func change(_ sql: String) throws { try sqlite(sql) }
}

extension PostgreSQLWorkspace: DiffedShop {
  func change(_ sql: String) throws { try server.psql(sql, database: database) }
}

extension MariaDBWorkspace: DiffedShop {
  func change(_ sql: String) throws { try server.client(sql, database: database) }
}

extension D1Workspace: DiffedShop {
  func change(_ sql: String) throws {
    for statement in sql.split(separator: ";\n") { _ = try database.sql(String(statement)) }
  }
}

@Suite("belay diff")
struct DiffTests {
  enum Engine: String, CaseIterable, Sendable { case sqlite, postgresql, mariadb, d1 }

  private static func shop(_ engine: Engine, _ more: String = "") throws -> any DiffedShop {
    switch engine {
    case .sqlite: try Workspace(schema: Workspace.shop + more)
    case .postgresql: try PostgreSQLWorkspace(schema: PostgreSQLWorkspace.shop + more)
    case .mariadb: try MariaDBWorkspace(schema: MariaDBWorkspace.shop + more)
    case .d1: try D1Workspace(schema: D1Workspace.shop + more)
    }
  }

  private static func backedUp(_ shop: any DiffedShop, name: String = "backup") throws -> String {
    let backup = try shop.belay("backup", shop.url, "--verify", "read", "--name", name)
    try #require([0, 3].contains(backup.status), "\(backup)")
    let file = try shop.listing(shop.store).first { $0.hasSuffix("-\(name).tar") }
    return String(try #require(file).dropLast(4))
  }

  /// One table with a key, and one without.
  private static let tables = """

    CREATE TABLE item (id INT PRIMARY KEY, name VARCHAR(20), cents INT);
    INSERT INTO item VALUES (6, 'six', 600), (7, 'it''s', 700), (8, NULL, 800), (9, 'nine', NULL);
    CREATE TABLE note (what VARCHAR(20));
    INSERT INTO note VALUES ('a'), ('a'), ('b');

    """

  @Test("rows are compared by key, and those that only the archive has are inserted again", arguments: Engine.allCases)
  func engines(engine: Engine) throws {
    let shop = try Self.shop(engine, Self.tables)
    let id = try Self.backedUp(shop)
    let equal = try shop.belay("diff", id, shop.url, "--data")
    #expect(equal.status == 0 && equal.errors.contains("no row of"), "\(equal)")
    try shop.change(
      """
      DELETE FROM item WHERE id IN (7, 9);
      UPDATE item SET cents = 1 WHERE id = 8;
      INSERT INTO item VALUES (901, 'new', 5);
      DELETE FROM note WHERE what = 'a';
      INSERT INTO note VALUES ('a');
      """)
    let plain = try shop.belay("diff", id, shop.url)
    #expect(plain.status == 3 && plain.output.contains("item: 3 rows, was 4"), "\(plain)")

    let found = try shop.belay("diff", id, shop.url, "--rows", "2", "--table", "item", "--table", "note")
    #expect(found.status == 3, "\(found)")
    #expect(
      found.output.contains(
        "item: 2 rows only in \(id), 1 row only in \(shop.url), 1 row with other values, 1 row equal"), "\(found)")
    #expect(found.output.contains(#"  only in \#(id): {"id":7,"name":"it's","cents":700}"#), "\(found)")
    #expect(found.output.contains(#"  in \#(id): {"id":8,"name":null,"cents":800}"#), "\(found)")
    #expect(found.output.contains("note: 1 row only in \(id), 2 rows equal"), "\(found)")
    #expect(found.errors.contains("2 of 2 tables differ between \(id) and \(shop.url)"), "\(found)")

    let sql = try shop.belay("diff", id, shop.url, "--table", "item", "--table", "note", "--as", "sql")
    #expect(sql.status == 0 && sql.errors.contains("wrote 3 rows that only \(id) contains"), "\(sql)")
    try shop.change(sql.output)
    let left = try shop.belay("diff", id, shop.url, "--data")
    #expect(left.status == 3, "\(left)")
    #expect(
      left.output.trimmingCharacters(in: .newlines).hasSuffix(
        "item: 1 row only in \(shop.url), 1 row with other values, 3 rows equal"), "\(left)")
    #expect(left.output.split(separator: "\n").count == 1, "\(left)")
  }

  @Test("two archives need no driver, and are compared in the order in which they are named")
  func archives() throws {
    let shop = try Workspace()
    let before = try Self.backedUp(shop, name: "before")
    try shop.sqlite("DELETE FROM orders WHERE id > 98; UPDATE customers SET email = NULL WHERE id = 1;")
    let after = try Self.backedUp(shop, name: "after")
    let environment = ["BELAY_DRIVER_PATH": "/nowhere"]
    for (one, other, line) in [
      (before, after, "orders: 2 rows only in \(before), 98 rows equal"),
      (after, before, "orders: 2 rows only in \(before), 98 rows equal"),
    ] {
      let run = try shop.belay(["diff", one, other, "--data"], environment: environment)
      #expect(run.status == 3 && run.output.contains(line), "\(run)")
      #expect(run.output.contains("customers: 1 row with other values, 19 rows equal"), "\(run)")
    }
    let csv = try shop.belay("diff", before, after, "--table", "orders", "--as", "csv")
    #expect(csv.output == "id,customer,cents\n99,20,9900\n100,1,10000\n", "\(csv)")
    let json = try shop.belay("diff", before, after, "--table", "orders", "--as", "json")
    #expect(json.output.contains(#"{"id":100,"customer":1,"cents":10000}"#), "\(json)")
    #expect(try shop.belay("diff", before, before, "--data").status == 0)
    let path = shop.store.appending(path: "\(after).tar").path
    #expect(try shop.belay("diff", "oldest", path).status == 3)
  }

  @Test("a table or a column that only one side has is said so, and not taken for a difference of rows that are there")
  func schema() throws {
    let shop = try Workspace()
    let id = try Self.backedUp(shop)
    try shop.sqlite(
      """
      ALTER TABLE customers ADD COLUMN phone TEXT;
      DROP TABLE log;
      CREATE TABLE fresh (x INTEGER PRIMARY KEY);
      INSERT INTO fresh VALUES (1), (2);
      """)
    let run = try shop.belay("diff", id, "--rows", "1")
    #expect(run.status == 3, "\(run)")
    #expect(run.output.contains("fresh: 2 rows only in sqlite:shop.db"), "\(run)")
    #expect(!run.output.contains("customers"), "\(run)")
    try shop.sqlite("UPDATE customers SET name = 'x' WHERE id = 3")
    let other = try shop.belay("diff", id, "--table", "customers")
    #expect(
      other.output.contains("customers: 1 row with other values, 19 rows equal; not compared: phone"), "\(other)")
    let plain = try shop.belay("diff", id)
    #expect(plain.status == 3, "\(plain)")
    #expect(plain.output.contains("table log is missing") && plain.output.contains("table fresh did not exist before"))
  }

  @Test("--json tells each table, and its rows, by name")
  func json() throws {
    let shop = try Workspace()
    let id = try Self.backedUp(shop)
    try shop.sqlite("DELETE FROM orders WHERE id = 100")
    let run = try shop.belay("diff", id, "--rows", "5", "--json")
    #expect(run.status == 3)
    let events = try run.output.split(separator: "\n").compactMap { line in
      try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
    }
    let tables = events.filter { $0["event"] as? String == "difference" }
    #expect(Set(tables.compactMap { $0["table"] as? String }) == ["customers", "orders", "log"])
    let orders = try #require(tables.first { $0["table"] as? String == "orders" })
    #expect(orders["first"] as? String == id && orders["second"] as? String == "sqlite:shop.db", "\(orders)")
    #expect(orders["key"] as? [String] == ["id"] && orders["onlyFirst"] as? Int == 1 && orders["equal"] as? Int == 99)
    let rows = try #require(orders["rows"] as? [[String: String]])
    #expect(rows == [["first": #"{"id":100,"customer":1,"cents":10000}"#]])
    #expect(events.last?["event"] as? String == "result" && events.last?["status"] as? Int == 3)
  }

  @Test(
    "what cannot be compared is refused, with what to type",
    arguments: [
      (["nowhere"], Int32(10), "nowhere"),
      (["latest", "nothing"], 10, "nothing"),
      (["latest", "--table", "custmers"], 10, "did you mean customers?"),
      (["latest", "--as", "csv"], 64, "name it with --table"),
      (["latest", "--as", "sql", "--rows", "3"], 64, "--as writes all rows"),
      (["latest", "--rows", "-1"], 64, "rows"),
      (["latest", "sqlite:missing.db", "--data"], 22, "missing.db"),
    ])
  func refused(arguments: [String], status: Int32, words: String) throws {
    let shop = try Workspace()
    _ = try Self.backedUp(shop)
    let run = try shop.belay(["diff"] + arguments)
    #expect(run.status == status && run.errors.contains(words), "\(run)")
  }

  @Test("an archive without CSV says how to compare it; nothing is written anywhere")
  func withoutCSV() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url, "--formats", "native", "--verify", "read").status == 0)
    let before = (try shop.dump(), try shop.listing(shop.store))
    let run = try shop.belay("diff", "latest", "--table", "orders")
    #expect(run.status == 10)
    #expect(run.errors.contains("contains no CSV of table orders") && run.errors.contains("belay restore"), "\(run)")
    #expect(try shop.belay("diff", "latest").status == 0)
    #expect(try shop.dump() == before.0)
    #expect(try shop.listing(shop.store) == before.1)
  }

  @Test("a way back that saved rows of others prints the commands that show and fetch them")
  func afterWayBack() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE n1 (x int);")
    try shop.migration("2.sql", "-- belay: no-transaction\nINSERT INTO customers (id, name) VALUES (77, 'late');")
    try shop.migration("3.sql", "CREATE TABLE n3 (x int);\nSELECT missing;")
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", "--on-failure", "back")
    #expect(run.status == 30, "\(run)")
    let command = try #require(
      run.errors.firstMatch(of: #/belay (diff \S+ sqlite:shop\.db --data)/#)?.output.1, "\(run)")
    let diff = try shop.belay(command.split(separator: " ").map(String.init))
    #expect(diff.status == 3 && diff.output.contains("customers: 1 row only in"), "\(diff)")
  }
}
