import Foundation
import Testing

@testable import BelayDrivers

@Suite("Stopping a call")
struct InterruptTests {
  private func connect() throws -> Connection {
    try BuiltDrivers.rogue().open("rogue:", operation: BelayDrivers.Operation())
  }

  /// Cancels from another thread, once the driver has said that it waits.
  private func operationCancelledWhileWaiting() -> BelayDrivers.Operation {
    let cancellation = Cancellation()
    return BelayDrivers.Operation(
      cancellation: cancellation,
      onLog: { _, _ in
        Thread.detachNewThread {
          Thread.sleep(forTimeInterval: 0.02)
          cancellation.cancel(signal: 2)
        }
      })
  }

  @Test("a call is stopped from another thread", arguments: ["poll until cancelled", "wait for interrupt"])
  func stopped(sql: String) throws {
    let connection = try connect()
    let operation = operationCancelledWhileWaiting()
    let error = #expect(throws: DriverError.self) { try connection.execute(sql, operation: operation) }
    #expect(error?.code == .cancelled)
  }

  @Test("what is cancelled does not begin")
  func notBegun() throws {
    let cancellation = Cancellation()
    cancellation.cancel()
    let connection = try connect()
    let operation = BelayDrivers.Operation(cancellation: cancellation)
    let error = #expect(throws: DriverError.self) { try connection.execute("talk", operation: operation) }
    #expect(error == DriverError(.cancelled, message: "execute was cancelled before it began"))
    #expect(throws: DriverError.self) { try BuiltDrivers.rogue().open("rogue:", operation: operation) }
    #expect(try connection.execute("interrupts so far", operation: BelayDrivers.Operation()) == 0)
  }

  @Test("a cancellation after the call does not reach the next one, which may be a rollback")
  func notBeyond() throws {
    let cancellation = Cancellation()
    let connection = try connect()
    try connection.execute("talk", operation: BelayDrivers.Operation(cancellation: cancellation))
    cancellation.cancel()
    #expect(try connection.execute("interrupts so far", operation: BelayDrivers.Operation()) == 0)
  }

  @Test("a cancellation after close does nothing")
  func afterClose() throws {
    let cancellation = Cancellation()
    let connection = try connect()
    try connection.execute("talk", operation: BelayDrivers.Operation(cancellation: cancellation))
    connection.close()
    cancellation.cancel()
  }

  @Test("a driver that looks at nothing is stopped at its next batch")
  func deafDriver() throws {
    let cancellation = Cancellation()
    let connection = try connect()
    var rows = 0
    let error = #expect(throws: DriverError.self) {
      try connection.query(
        "endless", operation: BelayDrivers.Operation(cancellation: cancellation),
        rows: { _ in
          rows += 1
          if rows == 5 { cancellation.cancel() }
        })
    }
    #expect(error?.code == .cancelled)
    #expect(rows == 5)
  }
}
