import BelayDrivers
import DriverTesting
import Foundation
import Synchronization
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

  /// The number of the server process that this connection talks to.
  func process() throws -> Int64 {
    let number = try first("SELECT pg_backend_pid()").integer
    return try #require(number)
  }
}

/// What a call throws; fails the test where that is no driver's error.
@discardableResult
func failure(_ body: () throws -> Void) throws -> DriverError {
  try #require(#expect(throws: DriverError.self) { try body() })
}

/// A database of one test's own, gone with the last use of this object.
final class Sample: Sendable {
  let server: PostgreSQLServer
  let name: String

  init(_ sql: String = "") throws {
    server = try PostgreSQLServer.shared()
    name = try server.makeDatabase(PostgreSQLServer.freshName(), sql)
  }

  deinit {
    // What stays goes with the server.
    try? server.dropDatabase(name)
  }

  func connect(
    _ options: [String: String] = [:], user: String = "postgres",
    operation: BelayDrivers.Operation = BelayDrivers.Operation()
  ) throws -> Connection {
    try BuiltDriver.open(name, user: user, options: options, operation: operation)
  }

  /// From outside, by psql.
  @discardableResult
  func psql(_ sql: String) throws -> String { try server.psql(sql, database: name) }
}

/// The lines that a driver wrote to the log.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])
  var all: [String] { lines.withLock { $0 } }
  var operation: BelayDrivers.Operation {
    BelayDrivers.Operation(onLog: { level, line in self.lines.withLock { $0.append("\(level): \(line)") } })
  }
}

/// Runs a body on another thread after a while.
func after(_ seconds: Double, _ body: @escaping @Sendable () throws -> Void) {
  Thread.detachNewThread {
    Thread.sleep(forTimeInterval: seconds)
    do { try body() } catch { Issue.record(error) }
  }
}

extension Sample {
  /// Ends a session as soon as it is in the middle of a statement that sleeps, or that has no end.
  func end(_ process: Int64) {
    after(0) {
      try eventually {
        try self.psql(
          """
          SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid = \(process) AND state = 'active'
            AND (wait_event = 'PgSleep' OR query LIKE '%generate_series%')
          """) == "t"
      }
    }
  }
}
