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
  var expectations: [Expectation] { planned.isRecordedOnly ? [] : file.directives.expectations }

  var intent: Intent {
    Intent(
      statements: planned.statements, allowLoss: planned.declared.loss, allowChange: planned.declared.change)
  }

  var script: (text: String, statements: Int)? { (file.sql, planned.allStatements.count) }

  var rows: RowWriting { planned.allStatements.map(\.rows).together }

  var isFullyRead: Bool { !planned.allStatements.contains { $0.flags.contains(.unread) } }

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
    stage.tellsEffects()
    for (number, statement) in planned.statements.enumerated() {
      try stage.context.checkCancelled()
      try stage.willRun(name, statement: number)
      stage.progress(of: name, number, of: planned.statements.count)
      try execute(statement, inTransaction: stage.isTransaction, on: stage)
    }
    stage.progress(of: name, planned.statements.count, of: planned.statements.count)
    let taken = (ContinuousClock.now - began).seconds
    stage.ended(name, seconds: taken)
    try stage.resetSession(after: name)
    try inLedger("cannot record \(name) in the ledger", on: stage) { () throws(DriverError) in
      try history.record(
        file, run: stage.runID, milliseconds: Int(taken * 1000), on: stage.connection,
        inTransaction: stage.isTransaction, context: stage.context)
    }
  }

  private func execute(_ statement: Statement, inTransaction: Bool, on stage: Stage) throws(BelayError) {
    let place = "\(name), line \(statement.line)"
    try stage.willRun(statement, at: place)
    let operation = stage.operation(name, at: place, timeoutSeconds: file.directives.statementTimeoutSeconds)
    var tries = 0
    let began = ContinuousClock.now
    let rows = try stage.call(
      place, lockTimeoutSeconds: file.directives.lockTimeoutSeconds, inTransaction: inTransaction,
      failure: { error in
        if error.outcome != .notApplied { stage.tookEffect(statement.rows) }
        return StatementFailure(error: error, statement: statement, file: file).belayError
      }
    ) { () throws(DriverError) in
      if tries > 0 { try stage.runsAgain() }
      tries += 1
      return try stage.connection.execute(statement.sql, operation: operation)
    }
    stage.tookEffect(statement.rows)
    stage.ran(statement, at: place, seconds: (ContinuousClock.now - began).seconds, rows: rows)
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
  /// Kinds of objects that hold rows of their own, or lead to some.
  private static let rowKinds: Set<String> = ["table", "virtual_table", "column", "view"]
  /// Kinds of objects that hold no rows, so that no row changes when one is altered or dropped.
  private static let rowlessKinds: Set<String> = [
    "acl", "constraint", "default", "grant", "policy", "rule", "statistics", "trigger", "view",
  ]

  /// Whether it writes rows of tables, as far as it says.
  fileprivate var rows: RowWriting {
    let ofRows = writes.filter { Self.rowKinds.contains($0.kind) }
    if ofRows.contains(where: { !$0.actions.isDisjoint(with: Self.rowActions) }) { return .always }
    if flags.contains(.unread) { return .perhaps }
    var tables: Set<TableName> = []
    for write in writes {
      switch write.kind {
      case "table", "virtual_table": tables.insert(TableName(schema: write.schema, name: write.name))
      case "column": tables.insert(TableName(schema: write.schema, name: write.parent))
      // An index has no rows, whatever is done to it; what else is made has none yet.
      case "index": break
      case _ where write.actions == .create: break
      case let kind where Self.rowlessKinds.contains(kind):
        // Their table is looked at all the same, as for what else the statement may do to it.
        tables.insert(TableName(schema: write.schema, name: write.parent.isEmpty ? write.name : write.parent))
      // A type that is altered or dropped changes columns of any table.
      default: return .perhaps
      }
    }
    return tables.isEmpty ? .never : .only(tables)
  }
}
