import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// One migration file as a part of a change, statement by statement or as one call.
struct SQLFilePart: ChangePart {
  let planned: PlannedFile
  /// Where there are no transactions: sent with its row in the ledger as one call, all or nothing where the driver can do
  /// that with these statements.
  let isOneCall: Bool
  let history: any AppliedHistory
  /// Statements that make what is missing of the ledger: those of a change's first part, for the others find it there.
  var ledgerMakers: [String] = []

  var file: MigrationFile { planned.file }
  var name: String { file.name }
  var expectations: [Expectation] { file.directives.expectations }

  var intent: Intent {
    Intent(
      statements: planned.statements, allowLoss: planned.declared.loss, allowChange: planned.declared.change)
  }

  var rows: RowWriting {
    if planned.allStatements.allSatisfy(\.onlyMakesObjectsWithoutRows) { return .never }
    return planned.allStatements.contains(where: \.namesRows) ? .always : .perhaps
  }

  func runBeforeTransaction(on stage: Stage) throws(BelayError) {
    guard !isOneCall else { return }
    for statement in planned.opening { try execute(statement, inTransaction: false, on: stage) }
  }

  func prepare(on stage: Stage) throws(BelayError) {
    guard !isOneCall, !ledgerMakers.isEmpty else { return }
    try inLedger("cannot create the ledger \(history.receipts.table)", on: stage) { () throws(DriverError) in
      for statement in ledgerMakers {
        _ = try stage.connection.execute(statement, operation: stage.context.stoppable())
      }
    }
  }

  func run(on stage: Stage) throws(BelayError) {
    guard !isOneCall else { return try runAsOneCall(on: stage) }
    let began = ContinuousClock.now
    for (number, statement) in planned.statements.enumerated() {
      try stage.context.checkCancelled()
      try stage.willRun(name, statement: number)
      stage.progress(of: name, number, of: planned.statements.count)
      try execute(statement, inTransaction: stage.isTransaction, on: stage)
    }
    stage.progress(of: name, planned.statements.count, of: planned.statements.count)
    let taken = (ContinuousClock.now - began).seconds
    stage.ended(name, seconds: taken)
    try inLedger("cannot record \(name) in the ledger", on: stage) { () throws(DriverError) in
      try history.record(
        file, run: stage.runID, milliseconds: Int(taken * 1000), on: stage.connection,
        inTransaction: stage.isTransaction, context: stage.context)
    }
  }

  private func execute(_ statement: Statement, inTransaction: Bool, on stage: Stage) throws(BelayError) {
    let place = "\(name), line \(statement.line)"
    let operation = stage.operation(name, at: place, timeoutSeconds: file.directives.statementTimeoutSeconds)
    let began = ContinuousClock.now
    try stage.call(
      place, lockTimeoutSeconds: file.directives.lockTimeoutSeconds, inTransaction: inTransaction,
      failure: { StatementFailure(error: $0, statement: statement, file: file).belayError }
    ) { () throws(DriverError) in
      _ = try stage.connection.execute(statement.sql, operation: operation)
    }
    try stage.ran(place, seconds: (ContinuousClock.now - began).seconds)
  }

  /// belay's own writes wait for locks as the file's statements do.
  private func inLedger(
    _ doing: String, on stage: Stage, _ body: () throws(DriverError) -> Void
  ) throws(BelayError) {
    try stage.call(
      "the ledger \(history.receipts.table)", lockTimeoutSeconds: file.directives.lockTimeoutSeconds,
      failure: { BelayError($0, doing: doing, kind: .migrationFailed) }, body)
  }
}

extension Statement {
  private static let rowActions: WriteActions = [.insert, .update, .delete]

  /// Says of itself that it writes rows.
  fileprivate var namesRows: Bool { writes.contains { !$0.actions.isDisjoint(with: Self.rowActions) } }

  fileprivate var onlyMakesObjectsWithoutRows: Bool {
    !flags.contains(.unread) && !writes.isEmpty
      && writes.allSatisfy { $0.actions == .create && $0.kind != "table" && $0.kind != "virtual_table" }
  }
}
