import DriverTesting
import Synchronization
import Testing

@testable import BelayDrivers

@Suite("Calls that meet a lock of others", .serialized)
struct LockPatienceTests {
  private let waits = WaitCounter()

  private func patient(_ limit: Duration = .seconds(20), cancellation: Cancellation? = nil) -> BelayDrivers.Operation {
    BelayDrivers.Operation(
      cancellation: cancellation,
      lockPatience: LockPatience(limit: limit) { [waits] _ in waits.count.add(1, ordering: .relaxed) })
  }

  private func tries(_ connection: Connection) throws -> Int {
    try connection.execute("busy tries", operation: BelayDrivers.Operation()) ?? -1
  }

  private func connect(_ url: String = "rogue:") throws -> Connection {
    try BuiltDrivers.rogue().open(url, operation: BelayDrivers.Operation())
  }

  @Test("are made again until the lock is free, and it is said once that they wait")
  func again() throws {
    let connection = try connect()
    let before = try tries(connection)
    try connection.execute("busy for a while", operation: patient())
    #expect(try tries(connection) - before >= 1)
    #expect(try tries(connection) % 4 == 0)
    #expect(waits.count.load(ordering: .relaxed) <= 1)
  }

  @Test("open is one of them")
  func opening() throws {
    let connection = try BuiltDrivers.rogue().open("rogue:busy at first", operation: patient())
    connection.close()
    #expect(throws: DriverError.self) {
      for _ in 0..<4 { _ = try BuiltDrivers.rogue().open("rogue:busy at first", operation: BelayDrivers.Operation()) }
    }
  }

  @Test(
    "fail at once where the operation has no patience, where something took effect, and where the transaction is over",
    arguments: [
      ("busy in the middle", [] as [String]), ("deadlock", ["START TRANSACTION"]),
      ("deadlock", ["SET checks = 0;\nBEGIN"]),
      ("deadlock", ["START TRANSACTION", "COMMIT", "START TRANSACTION"]),
    ])
  func once(sql: String, begin: [String]) throws {
    let connection = try connect("rogue:transactions")
    for statement in begin { try connection.execute(statement, operation: patient()) }
    var before = try tries(connection)
    #expect(throws: DriverError.self) { try connection.execute(sql, operation: patient()) }
    #expect(try tries(connection) == before + 1)
    before = try tries(connection)
    #expect(throws: DriverError.self) {
      try connection.execute("busy for ever", operation: BelayDrivers.Operation())
    }
    #expect(try tries(connection) == before + 1)
  }

  @Test(
    "are made again where the engine has ended a transaction that it had begun for this call alone",
    arguments: [
      [], ["START TRANSACTION", "ROLLBACK"], ["START TRANSACTION", "COMMIT"],
      ["SET checks = 0;\nBEGIN", "COMMIT;\nSET checks = 1"],
    ])
  func withoutTransaction(before: [String]) throws {
    let connection = try connect("rogue:transactions")
    for statement in before { try connection.execute(statement, operation: patient()) }
    try connection.execute("a transaction in the way", operation: patient())
    #expect(try tries(connection) % 4 == 0)
  }

  @Test("give up when their time is over, with the engine's own error")
  func givesUp() throws {
    let connection = try connect()
    let error = #expect(throws: DriverError.self) {
      try connection.execute("busy for ever", operation: patient(.milliseconds(300)))
    }
    #expect(error?.code == .busy && error?.message == "somebody holds it")
    #expect(waits.count.load(ordering: .relaxed) == 1)
  }

  @Test("stop waiting when they are cancelled")
  func cancelled() throws {
    let connection = try connect()
    let cancellation = Cancellation()
    cancellation.cancel(signal: 2)
    let began = ContinuousClock.now
    #expect(throws: DriverError.self) {
      try connection.execute("busy for ever", operation: patient(.seconds(60), cancellation: cancellation))
    }
    #expect(ContinuousClock.now - began < soon)
  }
}

private final class WaitCounter: Sendable {
  let count = Atomic(0)
}
