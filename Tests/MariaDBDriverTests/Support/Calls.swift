import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// Calls as a test writes them: short.
extension Connection {
  @discardableResult
  func run(_ sql: String, _ operation: BelayDrivers.Operation = BelayDrivers.Operation()) throws -> Int? {
    try execute(sql, operation: operation)
  }

  func rows(_ sql: String, _ parameters: [Value] = []) throws -> [[Value]] {
    try values(sql, parameters: parameters, operation: Operation())
  }

  /// The first value of the first row.
  func first(_ sql: String, _ parameters: [Value] = []) throws -> Value {
    try rows(sql, parameters).first?.first ?? .null
  }
}

/// What a call throws; fails the test where that is no driver's error.
@discardableResult
func failure(_ body: () throws -> Void) throws -> DriverError {
  try #require(#expect(throws: DriverError.self) { try body() })
}

/// A database of one test's own, gone with the last use of this object.
final class Sample: Sendable {
  let server: MariaDBServer
  let name: String

  init(_ sql: String = "", _ name: String = MariaDBServer.freshName()) throws {
    server = try MariaDBServer.shared()
    self.name = try server.makeDatabase(name, sql)
  }

  deinit {
    // What stays goes with the server.
    try? server.dropDatabase(name)
  }

  var url: String { server.url(name) }

  static func driver() throws -> Driver {
    try MariaDBServer.driver()
    return try DriverSearch(paths: [], environment: [:], executable: "/proc/self/exe").load(named: "mariadb")
  }

  func connect(_ options: [String: String] = [:], user: String = "root", url: String? = nil) throws -> Connection {
    try Self.driver().open(
      url ?? server.url(name, user: user), options: options.map { DriverOption(key: $0.key, value: $0.value) },
      operation: Operation())
  }

  /// From outside, by MariaDB's own client.
  @discardableResult
  func client(_ sql: String) throws -> String { try server.client(sql, database: name) }
}
