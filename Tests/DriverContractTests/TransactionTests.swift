import BelayDrivers
import Testing

@Suite("Contract: transactions")
struct TransactionTests {
  /// Which drivers claim transactions is known only to an open connection.
  private func benches(_ subject: ContractSubject, _ body: (Bench, Connection) throws -> Void) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    if connection.traits.hasTransactions { try body(bench, connection) }
  }

  @Test("a rollback takes rows back, a commit keeps them, for others too", arguments: ContractSubject.all)
  func rows(subject: ContractSubject) throws {
    try benches(subject) { bench, connection in
      let traits = connection.traits
      let before = try bench.rows(connection)
      for (end, expected) in [(traits.rollback, 0), (traits.commit, 1)] {
        try connection.execute(traits.begin, operation: bench.operation)
        try bench.insert([[.text("new"), .null]], into: connection)
        #expect(try bench.rows(connection).count == before.count + 1)
        try connection.execute(end, operation: bench.operation)
        #expect(try bench.rows(connection).count == before.count + expected)
        #expect(try bench.rows(bench.open()).count == before.count + expected)
      }
    }
  }

  @Test("a transaction in which a statement failed can be rolled back", arguments: ContractSubject.all)
  func afterFailure(subject: ContractSubject) throws {
    try benches(subject) { bench, connection in
      try connection.execute(connection.traits.begin, operation: bench.operation)
      try bench.insert([[.text("new"), .null]], into: connection)
      _ = try bench.failure { try bench.insert([subject.rows[0]], into: connection) }
      try connection.execute(connection.traits.rollback, operation: bench.operation)
      #expect(try bench.rows(connection) == Set(subject.rows))
    }
  }

  @Test("close rolls an open transaction back, also after a failed call", arguments: ContractSubject.all)
  func close(subject: ContractSubject) throws {
    try benches(subject) { bench, connection in
      try connection.execute(connection.traits.begin, operation: bench.operation)
      try bench.insert([[.text("new"), .null]], into: connection)
      _ = try bench.failure { try connection.execute("SELEKT", operation: bench.operation) }
      connection.close()
      #expect(try bench.rows(bench.open()) == Set(subject.rows))
    }
  }

  @Test("DDL is rolled back with the rest, where that is claimed", arguments: ContractSubject.all)
  func ddl(subject: ContractSubject) throws {
    try benches(subject) { bench, connection in
      guard connection.traits.hasTransactionalDDL else { return }
      let before = try connection.catalog(operation: bench.operation).shape
      try connection.execute(connection.traits.begin, operation: bench.operation)
      for statement in subject.schema { try connection.execute(statement, operation: bench.operation) }
      #expect(try connection.catalog(operation: bench.operation).shape != before)
      try connection.execute(connection.traits.rollback, operation: bench.operation)
      #expect(try connection.catalog(operation: bench.operation).shape == before)
    }
  }

  @Test("within a transaction one connection sees one instant, where that is claimed", arguments: ContractSubject.all)
  func stableRead(subject: ContractSubject) throws {
    try benches(subject) { bench, connection in
      guard connection.traits.hasStableRead else { return }
      try connection.execute(connection.traits.begin, operation: bench.operation)
      #expect(try bench.rows(connection) == Set(subject.rows))
      do {
        try bench.insert([[.text("new"), .null]], into: bench.open())
      } catch let error as DriverError {
        #expect(error.code == .busy, "a writer may be kept waiting, and nothing else")
      }
      #expect(try bench.rows(connection) == Set(subject.rows))
    }
  }

  @Test("statements run as one, or not at all", arguments: ContractSubject.all)
  func atomically(subject: ContractSubject) throws {
    try benches(subject) { bench, connection in
      let table = try bench.table(connection)
      let insert = "INSERT INTO \(connection.traits.quoted(table.name)) VALUES"
      let error = try bench.failure {
        try connection.executeAtomically(
          ["\(insert) ('a', NULL)", "\(insert) ('a', NULL)"], operation: bench.operation)
      }
      #expect(error.code == .constraint)
      #expect(error.outcome == .notApplied)
      #expect(try bench.rows(connection) == Set(subject.rows))
      try connection.executeAtomically(["\(insert) ('a', NULL)", "\(insert) ('b', NULL)"], operation: bench.operation)
      #expect(try bench.rows(connection).count == subject.rows.count + 2)
    }
  }
}
