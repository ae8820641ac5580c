import BelayDrivers

extension Rule {
  /// 601 to 607: what the traits claim.
  static let transactions: [Rule] = [
    Rule(601, .transactions, "a rollback undoes rows, and a commit keeps them, for other connections too") { bench in
      let connection = try bench.fill()
      try bench.needsTransactions(connection)
      var rows = bench.specimen.cells
      for (end, keeps) in [(connection.traits.rollback, false), (connection.traits.commit, true)] {
        try connection.execute(connection.traits.begin, operation: bench.operation)
        try bench.insert([new], into: connection)
        try bench.expectRows(rows + [new], connection, "in the transaction")
        try connection.execute(end, operation: bench.operation)
        if keeps { rows.append(new) }
        try bench.expectRows(rows, connection, "after \(end)")
        try bench.expectRows(rows, bench.open(), "on another connection, after \(end)")
      }
    },

    Rule(602, .transactions, "a transaction in which a statement failed can be rolled back") { bench in
      let connection = try bench.fill()
      try bench.needsTransactions(connection)
      try connection.execute(connection.traits.begin, operation: bench.operation)
      try bench.insert([new], into: connection)
      _ = try failure(of: "an INSERT of a duplicate key") {
        try bench.insert([bench.specimen.cells[0]], into: connection)
      }
      try connection.execute(connection.traits.rollback, operation: bench.operation)
      try bench.expectRows(bench.specimen.cells, connection, "after the rollback")
    },

    Rule(603, .transactions, "close rolls an open transaction back, even after a failed call") { bench in
      let connection = try bench.fill()
      try bench.needsTransactions(connection)
      try connection.execute(connection.traits.begin, operation: bench.operation)
      try bench.insert([new], into: connection)
      _ = try failure(of: "an invalid statement") { try connection.execute("SELEKT", operation: bench.operation) }
      connection.close()
      try bench.expectRows(bench.specimen.cells, bench.open(), "after the close")
    },

    Rule(604, .transactions, "with TXN_DDL, a rollback undoes DDL too") { bench in
      try bench.needsTables()
      let connection = try bench.fill()
      try bench.needsTransactions(connection)
      guard connection.traits.hasTransactionalDDL else { throw Skip("the traits do not claim TXN_DDL") }
      let before = try bench.content(connection)
      try connection.execute(connection.traits.begin, operation: bench.operation)
      for statement in bench.specimen.schema { try connection.execute(statement, operation: bench.operation) }
      try expect(try bench.content(connection) != before, "in the transaction the schema is unchanged")
      try connection.execute(connection.traits.rollback, operation: bench.operation)
      try bench.expectContent(before, connection, "after the rollback")
    },

    Rule(605, .transactions, "with STABLE_READ, a connection sees one instant in a transaction") {
      bench in
      let connection = try bench.fill()
      try bench.needsTransactions(connection)
      guard connection.traits.hasStableRead else { throw Skip("the traits do not claim STABLE_READ") }
      try connection.execute(connection.traits.begin, operation: bench.operation)
      try bench.expectRows(bench.specimen.cells, connection, "in the transaction")
      do {
        try bench.insert([new], into: bench.open())
      } catch let error as DriverError {
        try expect(
          error.code == .busy, "a writer may be blocked with BUSY, but it failed with \(error.code): \(error.message)")
      }
      try bench.expectRows(bench.specimen.cells, connection, "after another connection has written")
      try connection.execute(connection.traits.rollback, operation: bench.operation)
    },

    Rule(606, .transactions, "with EXCLUSIVE, nobody else can write during a transaction: others get BUSY") {
      bench in
      let connection = try bench.fill()
      try bench.needsTransactions(connection)
      guard connection.traits.isExclusive else { throw Skip("the traits do not claim EXCLUSIVE") }
      try connection.execute(connection.traits.begin, operation: bench.operation)
      let other = try bench.open()
      try refusal(of: "another connection's INSERT", [.busy]) { try bench.insert([new], into: other) }
      try connection.execute(connection.traits.rollback, operation: bench.operation)
      try bench.insert([new], into: other)
      try bench.expectRows(bench.specimen.cells + [new], connection, "after the transaction")
    },
  ]

  /// A row that is not in the specimen.
  static let new: [Value] = [.text("new"), .null]
}
