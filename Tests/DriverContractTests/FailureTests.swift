import BelayDrivers
import Foundation
import Testing

@Suite("Contract: failures and stopping")
struct FailureTests {
  @Test("a statement that is wrong is told so, and changes nothing", arguments: ContractSubject.all)
  func wrongStatement(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    let sql = "SELEKT something"
    let execute = try bench.failure { try connection.execute(sql, operation: bench.operation) }
    let query = try bench.failure { _ = try connection.values(sql, operation: bench.operation) }
    for error in [execute, query] {
      #expect(error.code == .sql)
      #expect(error.outcome == .notApplied)
      #expect(!error.message.isEmpty)
      #expect(error.sqlOffset.map { (0...sql.utf8.count).contains($0) } ?? true)
    }
    #expect(try bench.rows(connection) == Set(subject.rows))
  }

  @Test("a key that exists already is a broken constraint", arguments: ContractSubject.all)
  func constraint(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    let error = try bench.failure { try bench.insert([subject.rows[0]], into: connection) }
    #expect(error.code == .constraint)
    #expect(error.outcome == .notApplied)
    #expect(try bench.rows(connection) == Set(subject.rows))
  }

  @Test("the outcome of rows of which one fails is what became of them", arguments: ContractSubject.all)
  func outcomeOfRows(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    let error = try bench.failure {
      try bench.insert([[.text("new"), .null], subject.rows[0], [.text("newer"), .null]], into: connection)
    }
    let rows = try bench.rows(connection).count - subject.rows.count
    #expect(error.outcome == (rows == 0 ? .notApplied : .partial))
    #expect(rows < 2, "what comes after the failure is not run")
  }

  @Test("the outcome of statements of which one fails is what became of them", arguments: ContractSubject.all)
  func outcomeOfStatements(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    let traits = connection.traits
    let table = try bench.table(connection)
    let insert = "INSERT INTO \(traits.quoted(table.name)) (\(table.selectList(traits))) VALUES"
    let error = try bench.failure {
      try connection.execute(
        "\(insert) ('new', NULL); \(insert) ('new', NULL); \(insert) ('newer', NULL);", operation: bench.operation)
    }
    #expect(error.code == .constraint)
    let rows = try bench.rows(connection).count - subject.rows.count
    #expect(error.outcome == (rows == 0 ? .notApplied : .partial))
    #expect(rows < 2, "what comes after the failure is not run")
  }

  @Test("several statements run in order, and a script of nothing does nothing", arguments: ContractSubject.all)
  func severalStatements(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill(rows: [])
    let traits = connection.traits
    let table = try bench.table(connection)
    let insert = "INSERT INTO \(traits.quoted(table.name)) (\(table.selectList(traits))) VALUES"
    try connection.execute(
      "\(insert) ('a', 'it''s'), ('b', NULL);\n DELETE FROM \(traits.quoted(table.name)) ; \(insert) ('c', '')",
      operation: bench.operation)
    #expect(try bench.rows(connection) == [[.text("c"), .text("")]])
    try connection.execute("", operation: bench.operation)
    try connection.execute(" \n", operation: bench.operation)
    #expect(try bench.rows(connection).count == 1)
  }

  @Test("a cancellation in mid-query stops it, and the connection is still good", arguments: ContractSubject.all)
  func cancelled(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill(rows: Bench.many(2000, bytes: 3000))
    let cancellation = Cancellation()
    var batches = 0
    let error = try bench.failure {
      try connection.query(
        bench.selection(bench.table(connection), connection),
        operation: BelayDrivers.Operation(cancellation: cancellation),
        rows: { _ in
          batches += 1
          cancellation.cancel(signal: 2)
        })
    }
    #expect(error.code == .cancelled)
    #expect(batches == 1)
    #expect(try bench.rows(connection).count == 2000)
  }

  @Test(
    "a query that gives no rows for minutes is stopped from another thread",
    arguments: ContractSubject.all.filter { $0.endlessQuery != nil })
  func interrupted(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    let cancellation = Cancellation()
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.05)
      cancellation.cancel()
    }
    let endless = try #require(subject.endlessQuery)
    let began = ContinuousClock.now
    let error = try bench.failure {
      _ = try connection.values(endless, operation: BelayDrivers.Operation(cancellation: cancellation))
    }
    #expect(error.code == .cancelled)
    #expect(ContinuousClock.now - began < .seconds(10))
    #expect(try bench.rows(connection) == Set(subject.rows))
  }

  @Test(
    "a query ends when its time is over", arguments: ContractSubject.all.filter { $0.endlessQuery != nil })
  func timedOut(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    let endless = try #require(subject.endlessQuery)
    let began = ContinuousClock.now
    let error = try bench.failure {
      _ = try connection.values(endless, operation: BelayDrivers.Operation(timeout: .milliseconds(100)))
    }
    #expect(error.code == .timeout)
    #expect(ContinuousClock.now - began < .seconds(10))
    #expect(try bench.rows(connection) == Set(subject.rows))
  }

  @Test("two connections work on two threads", arguments: ContractSubject.all)
  func threads(subject: ContractSubject) async throws {
    try await withThrowingTaskGroup(of: Set<[Value]>.self) { group in
      for number in 0..<2 {
        group.addTask {
          let bench = try Bench(subject)
          let connection = try bench.fill("db\(number)", rows: [])
          for row in 0..<50 { try bench.insert([[.text("\(number) \(row)"), .null]], into: connection) }
          return try bench.rows(connection)
        }
      }
      var all: Set<[Value]> = []
      for try await rows in group {
        #expect(rows.count == 50)
        all.formUnion(rows)
      }
      #expect(all.count == 100)
    }
  }
}
