import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore

/// A file and its row in the ledger as one call, where the engine has no transactions.
extension Change {
  mutating func runAsOneCall(_ file: PlannedFile, group: Int, on connection: Connection) throws(BelayError) {
    try context.checkCancelled()
    let (name, statements) = (file.file.name, file.allStatements)
    try journal?.write(.statement(group: group, file: name, index: 0))
    tellProgress(file, 0)
    // How long it takes is not known when the row is written.
    let own =
      ledger.makers(connection.traits)
      + ledger.records(file.file, run: runID, milliseconds: 0, connection.traits)
    let limit = file.file.directives.statementTimeoutSeconds ?? context.settings.migrations.statementTimeoutSeconds
    let said = said
    let began = ContinuousClock.now
    do {
      try lockWait(file, inTransaction: false).call(name) { () throws(DriverError) in
        let operation = context.statementOperation(name, seconds: limit) { said.take($0, at: name) }
        try connection.executeAtomically(statements.map(\.sql) + own, operation: operation)
      }
    } catch {
      if error.code == .cancelled || context.cancellation.isCancelled { throw context.interruption() }
      guard tookEffect(error, name) else { throw failure(error, of: file, statements) }
      context.log(.warning, "the answer to \(name) was lost, and the ledger says that it is applied: \(error.message)")
    }
    tellProgress(file, statements.count)
    let taken = (ContinuousClock.now - began).seconds
    outcome.timings.append((name, taken))
    try watchStatement(name, seconds: taken, on: connection)
  }

  /// The ledger's row comes last in the call: where it is, all of it is. What cannot be found out counts as a failure, and
  /// the way back looks for itself.
  private func tookEffect(_ error: DriverError, _ file: String) -> Bool {
    guard error.outcome == .unknown || error.outcome == .applied else { return false }
    do {
      let connection = try open()
      defer { connection.close() }
      let configured = context.settings.migrations.ledger
      return try Ledger.files(of: runID, configured: configured, connection, context).contains(file)
    } catch {
      context.log(.warning, "whether \(file) took effect is not known: \(error.message)")
      return false
    }
  }

  /// Where the driver does not know which statement failed, it may be the one that could not be read ahead for the same
  /// reason; otherwise the error is about the file.
  private func failure(_ error: DriverError, of file: PlannedFile, _ statements: [Statement]) -> BelayError {
    if let index = error.statement, statements.indices.contains(index) {
      return StatementFailure(error: error, statement: statements[index], file: file.file).belayError
    }
    let unread = statements.first { statement in
      statement.flags.contains(.unread) && statement.note.map(error.message.contains) == true
    }
    if let unread { return StatementFailure(error: error, statement: unread, file: file.file).belayError }
    return BelayError(
      .migrationFailed, "\(file.file.name): \(error.message)", hint: error.hint,
      causes: error.sqlState.map { ["SQLSTATE \($0)"] } ?? [])
  }
}
