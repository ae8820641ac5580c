import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// A file and its row in the ledger as one call, where the engine has no transactions.
extension SQLFilePart {
  func runAsOneCall(on stage: Stage) throws(BelayError) {
    try stage.context.checkCancelled()
    let statements = planned.allStatements
    try stage.willRun(name, statement: 0)
    stage.progress(of: name, 0, of: planned.statements.count)
    let traits = stage.connection.traits
    // How long it takes is not known when the row is written.
    let own = ledgerMakers + history.recording(file, run: stage.runID, milliseconds: 0, traits)
    let operation = stage.operation(name, at: name, timeoutSeconds: file.directives.statementTimeoutSeconds)
    let began = ContinuousClock.now
    var lost: DriverError?
    do {
      try stage.call(
        name, lockTimeoutSeconds: file.directives.lockTimeoutSeconds,
        failure: { error in
          lost = error
          return failure(error, of: statements)
        }
      ) { () throws(DriverError) in
        try stage.connection.executeAtomically(statements.map(\.sql) + own, operation: operation)
      }
    } catch {
      guard let lost, tookEffect(lost, on: stage) else { throw error }
      stage.context.log(
        .warning, "the reply to \(name) was lost, but the ledger says that it was applied: \(lost.message)")
    }
    stage.progress(of: name, statements.count, of: planned.statements.count)
    let taken = (ContinuousClock.now - began).seconds
    stage.ended(name, seconds: taken)
    stage.ran(name, seconds: taken, isWholePart: true)
  }

  /// The ledger's row comes last in the call: where it is, all of it is. What cannot be found out counts as a failure, and
  /// the rollback looks for itself.
  private func tookEffect(_ error: DriverError, on stage: Stage) -> Bool {
    guard error.outcome == .unknown || error.outcome == .applied else { return false }
    do {
      let connection = try stage.open()
      defer { connection.close() }
      return try history.isRecorded(file, run: stage.runID, connection, context: stage.context)
    } catch {
      stage.context.log(.warning, "it is not known whether \(name) took effect: \(error.message)")
      return false
    }
  }

  /// Where the driver does not know which statement failed, it may be the one that could not be read ahead for the same
  /// reason; otherwise the error is about the file.
  private func failure(_ error: DriverError, of statements: [Statement]) -> BelayError {
    if let index = error.statement, statements.indices.contains(index) {
      return StatementFailure(error: error, statement: statements[index], file: file).belayError
    }
    let unread = statements.first { statement in
      statement.flags.contains(.unread) && statement.note.map(error.message.contains) == true
    }
    if let unread { return StatementFailure(error: error, statement: unread, file: file).belayError }
    return BelayError(
      .migrationFailed, "\(name): \(error.message)", hint: error.hint,
      causes: error.sqlState.map { ["SQLSTATE \($0)"] } ?? [])
  }
}
