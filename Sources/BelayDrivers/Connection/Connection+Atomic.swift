import BelayRows
import CBelayDriver

extension Connection {
  /// Runs statements, all or none. Without the extension, in a transaction; without transactions, throws
  /// `.unsupported`. The error's `statement` is the index of the one that failed, if that is known.
  package func executeAtomically(_ statements: [String], operation: Operation) throws(DriverError) {
    if let table = try table(belay_atomic.self, operation) {
      try run(statements, table, operation)
    } else if traits.hasTransactions {
      try runInTransaction(statements, operation)
    } else {
      throw DriverError(.unsupported, message: "driver \(driver.id) cannot run several statements as a unit")
    }
  }

  private func run(_ statements: [String], _ table: belay_atomic, _ operation: Operation) throws(DriverError) {
    let call = Call(.atomic, "run", writes: true)
    var failed: Int64 = -1
    do {
      try perform(
        call, operation,
        defect: { (-1..<Int64(statements.count)).contains(failed) ? nil : "it says that statement \(failed) failed" }
      ) { connection, operation, error in
        failed = -1
        return statements.withBorrowed { texts in
          table.run(connection, operation, texts.baseAddress, UInt32(texts.count), &failed, error)
        }
      }
    } catch {
      var failure = error
      failure.statement = statements.indices.contains(Int(failed)) ? Int(failed) : nil
      failure.sql = failure.statement.map { statements[$0] } ?? statements.joined(separator: ";\n")
      throw failure
    }
  }

  private func runInTransaction(_ statements: [String], _ operation: Operation) throws(DriverError) {
    try execute(traits.begin, operation: operation)
    var running: Int?
    do {
      for (index, statement) in statements.enumerated() {
        running = index
        try execute(statement, operation: operation)
      }
      running = nil
      try execute(traits.commit, operation: operation)
    } catch {
      var failure = error
      failure.statement = running
      do {
        // Cannot be cancelled: it is the rollback.
        try execute(traits.rollback, operation: Operation())
        if failure.outcome == .partial || failure.outcome == .applied { failure.outcome = .notApplied }
      } catch {
        failure.outcome = .unknown
      }
      throw failure
    }
  }
}
