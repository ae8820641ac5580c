import DriverTesting
import Foundation
import Testing

/// A database of the tests' own PostgreSQL server with a small shop in it, a migrations folder and a store; all gone when
/// the test is.
final class PostgreSQLWorkspace: BelayFolder {
  let server: PostgreSQLServer
  let database: String

  /// - Parameter database: a name that no other test uses.
  init(
    schema: String = PostgreSQLWorkspace.shop, database: String = PostgreSQLServer.freshName("shop"),
    server: PostgreSQLServer? = nil
  ) throws {
    let server = try server ?? PostgreSQLServer.shared()
    self.server = server
    self.database = try server.makeDatabase(database, schema)
    try super.init(url: server.url(database))
    if OtherProgram.isWanted {
      others = try OtherProgram(client: "\(server.programs)/psql -X -q -d '\(url)'", in: folder)
    }
  }

  private var others: OtherProgram?

  deinit {
    others = nil
    // With what a failed test left beside it: the server goes with the process in any case.
    for name in (try? leftovers()) ?? [] { try? server.dropDatabase(name) }
    try? server.dropDatabase(database)
    try? server.dropDatabase(database + "_aside")
  }

  /// Customers, their orders, and a log that a trigger writes.
  static let shop = """
    CREATE TABLE customers (id serial PRIMARY KEY, name text NOT NULL, email text);
    CREATE TABLE orders (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      customer int NOT NULL REFERENCES customers ON DELETE CASCADE, cents int);
    CREATE INDEX orders_by_customer ON orders(customer);
    CREATE TABLE log (at text, what text);
    CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS
      $$BEGIN INSERT INTO log VALUES ('now', 'gone: ' || old.name); RETURN old; END$$;
    CREATE TRIGGER customer_gone AFTER DELETE ON customers FOR EACH ROW EXECUTE FUNCTION gone();
    CREATE VIEW totals AS SELECT customer, sum(cents) AS cents FROM orders GROUP BY customer;
    INSERT INTO customers(name, email) SELECT 'customer ' || i, 'c' || i || '@example.org' FROM generate_series(1, 20) i;
    INSERT INTO orders(customer, cents) SELECT 1 + i % 20, i * 100 FROM generate_series(1, 100) i;
    """

  /// The database's name as a string of SQL.
  var literal: String { "'" + database.replacing("'", with: "''") + "'" }

  /// Runs SQL in the database and gives what psql prints.
  @discardableResult
  func psql(_ sql: String) throws -> String { try server.psql(sql, database: database) }

  /// Schema and rows as text: equal text, equal database.
  func dump() throws -> String { try server.dump(database) }

  /// The dump without what a run always writes anew: the times in the ledger.
  func dumpWithoutLedgerTimes() throws -> String {
    try dump().replacing(#/(?m)^([^\t\n]+\.sql(?: \(down\))?)\t[0-9a-f]{64}\t.*$/#) { "ledger \($0.output.1)" }
  }

  /// Databases of belay's that lie beside this one. Only this target's: other tests run at the same time.
  func leftovers() throws -> [String] {
    let all = try server.psql(
      "SELECT datname FROM pg_database WHERE strpos(shobj_description(oid, 'pg_database'), quote_ident(\(literal))) > 0"
    )
    return all.split(separator: "\n").map(String.init).filter { $0 != database }
  }
}
