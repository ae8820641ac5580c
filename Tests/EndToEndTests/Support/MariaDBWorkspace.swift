import DriverTesting
import Foundation
import Testing

/// A database of the tests' own MariaDB server with a small shop in it, a migrations folder and a store; all gone when the
/// test is.
final class MariaDBWorkspace: BelayFolder {
  let server: MariaDBServer
  let database: String

  /// - Parameter server: nil: the one that all tests share.
  init(schema: String = MariaDBWorkspace.shop, on server: MariaDBServer? = nil) throws {
    try MariaDBServer.driver()
    self.server = try server ?? MariaDBServer.shared()
    database = try self.server.makeDatabase(MariaDBServer.freshName("shop"), schema)
    try super.init(url: self.server.url(database))
  }

  deinit {
    // With what a failed test left beside it: the server goes with the process in any case.
    for name in (try? leftovers()) ?? [] { try? server.dropDatabase(name) }
    try? server.dropDatabase(database)
    try? server.dropDatabase(database + "_aside")
  }

  /// Customers, their orders, and what sums them up.
  static let shop = """
    CREATE TABLE customers (id int AUTO_INCREMENT PRIMARY KEY, name varchar(100) NOT NULL, email varchar(100));
    CREATE TABLE orders (
      id bigint AUTO_INCREMENT PRIMARY KEY, customer int NOT NULL, cents int, KEY by_customer (customer),
      CONSTRAINT order_of FOREIGN KEY (customer) REFERENCES customers(id) ON DELETE CASCADE);
    CREATE VIEW totals AS SELECT customer, sum(cents) AS cents FROM orders GROUP BY customer;
    INSERT INTO customers(name, email)
      SELECT CONCAT('customer ', seq), CONCAT('c', seq, '@example.org') FROM seq_1_to_20;
    INSERT INTO orders(customer, cents) SELECT 1 + seq % 20, seq * 100 FROM seq_1_to_100;

    """

  /// A trigger keeps a table from being moved to another database: the way back is another one.
  static let log = """
    CREATE TABLE log (at datetime(6), what varchar(200));
    CREATE TRIGGER customer_gone AFTER DELETE ON customers FOR EACH ROW
      INSERT INTO log VALUES ('2026-01-01', CONCAT('gone: \\\\', old.name));
    DELIMITER //
    CREATE PROCEDURE forget(IN x int) BEGIN DELETE FROM log; DELETE FROM orders WHERE id = x; END//
    CREATE FUNCTION half(x int) RETURNS int DETERMINISTIC RETURN x / 2//
    CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY STARTS '2030-01-01' DO BEGIN DELETE FROM log; END//
    DELIMITER ;

    """

  /// Runs SQL in the database and gives what the client prints.
  @discardableResult
  func client(_ sql: String) throws -> String { try server.client(sql, database: database) }

  /// Schema and rows as text: equal text, equal database.
  func dump() throws -> String { try server.dump(database) }

  /// The dump without what a run always writes anew: the times in the ledger.
  func dumpWithoutLedgerTimes() throws -> String {
    try dump().replacing(#/INSERT INTO `belay_migrations` VALUES\n?\('([^']*)'.*/#) { "ledger \($0.output.1)" }
  }

  /// Databases of belay's that lie beside this one. Only this target's: other tests run at the same time.
  func leftovers() throws -> [String] {
    var sum: UInt32 = 2_166_136_261
    for byte in database.utf8 { sum = (sum ^ UInt32(byte)) &* 16_777_619 }
    let digits = String(sum, radix: 16)
    let prefix = "belay_" + String(repeating: "0", count: 8 - digits.count) + digits
    return try server.databases().filter { $0.hasPrefix(prefix) }
  }
}
