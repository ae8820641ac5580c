import CBelayDriver

extension Connection {
  /// Runs statements, all or none. Without the extension: in a transaction; where there is none either, `.unsupported`.
  package func executeAtomically(_ statements: [String], operation: Operation) throws(DriverError) {
    if let table = try table(belay_atomic.self, operation) {
      try run(statements, table, operation)
    } else if traits.hasTransactions {
      try runInTransaction(statements, operation)
    } else {
      throw DriverError(.unsupported, message: "driver \(driver.id) cannot run several statements as one")
    }
  }

  private func run(_ statements: [String], _ table: belay_atomic, _ operation: Operation) throws(DriverError) {
    let bytes = statements.flatMap { Array($0.utf8) }
    try perform(Call("belay.atomic/1.run", writes: true), operation) { connection, operation, error in
      bytes.withUnsafeBytes { bytes in
        var next = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
        let texts = statements.map { statement -> belay_str in
          let length = statement.utf8.count
          defer { next = next?.advanced(by: length) }
          return belay_str(ptr: next, len: UInt64(length))
        }
        return table.run(connection, operation, texts, UInt32(texts.count), error)
      }
    }
  }

  private func runInTransaction(_ statements: [String], _ operation: Operation) throws(DriverError) {
    try execute(traits.begin, operation: operation)
    do {
      for statement in statements { try execute(statement, operation: operation) }
      try execute(traits.commit, operation: operation)
    } catch {
      var failure = error
      do {
        // Not stoppable: it is the way back.
        try execute(traits.rollback, operation: Operation())
        if failure.outcome == .partial || failure.outcome == .applied { failure.outcome = .notApplied }
      } catch {
        failure.outcome = .unknown
      }
      throw failure
    }
  }
}
