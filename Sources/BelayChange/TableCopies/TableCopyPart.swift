import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// One table that becomes equal to a copy of it, which is proven before anything is committed.
struct TableCopyPart: ChangePart {
  let copy: TableCopy
  /// With the columns of the copy.
  let live: CatalogTable
  let hasKey: Bool
  let statements: [Statement]
  let allowLoss: Set<String>
  let receipts: Receipts
  /// Makes the table of the receipts, where there is none.
  let maker: String?

  var name: String { "\(live.tableName) from \(copy.name)" }
  var intent: Intent { Intent(statements: statements, allowLoss: allowLoss) }
  var rows: RowWriting { .always }
  var isFullyRead: Bool { !statements.contains { $0.flags.contains(.unread) } }
  var script: (text: String, statements: Int)? {
    (statements.map { $0.sql + ";\n" }.joined(), statements.count)
  }

  func planLines(
    on connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> PartLines {
    let rows = "\(Counted.rows(copy.state.rows)), as of \(copy.madeAt)"
    return PartLines(
      title: "table \(live.tableName) becomes equal to \(copy.name): \(rows)",
      details: hasKey
        ? [
          "delete the rows that the copy does not have", "update the rows that differ from it",
          "insert the rows that are missing", "do not touch rows that are equal",
        ] : ["delete all rows", "insert the rows of the copy"])
  }

  func prepare(on stage: Stage) throws(BelayError) {
    guard let maker else { return }
    try inReceipts("cannot make the table \(receipts.table)", on: stage) { () throws(DriverError) in
      _ = try stage.connection.execute(maker, operation: stage.context.stoppable())
    }
  }

  func run(on stage: Stage) throws(BelayError) {
    let began = ContinuousClock.now
    for (number, statement) in statements.enumerated() {
      try stage.context.checkCancelled()
      try stage.willRun(name, statement: number)
      stage.progress(of: name, number, of: statements.count)
      try execute(statement, number + 1, on: stage)
    }
    stage.progress(of: name, statements.count, of: statements.count)
    let seconds = (ContinuousClock.now - began).seconds
    stage.ended(name, seconds: seconds)
    // A constraint that waits for the end of the transaction is checked here.
    try stage.resetSession(after: name)
    try prove(on: stage)
    try inReceipts("cannot record the restore in \(receipts.table)", on: stage) { () throws(DriverError) in
      let traits = stage.connection.traits
      // The same copy can be put back twice.
      _ = try stage.connection.execute(
        receipts.statements(traits).deletion(of: name), operation: stage.context.stoppable())
      try receipts.record(
        name, sha256: copy.state.digest, run: stage.runID, milliseconds: Int(seconds * 1000), on: stage.connection,
        context: stage.context)
    }
  }

  private func execute(_ statement: Statement, _ number: Int, on stage: Stage) throws(BelayError) {
    let place = "\(name), statement \(number)"
    try stage.willRun(statement, at: place)
    let operation = stage.operation(name, at: place, timeoutSeconds: nil)
    var tries = 0
    let began = ContinuousClock.now
    let rows = try stage.call(place, failure: { failure($0, statement) }) { () throws(DriverError) in
      if tries > 0 { try stage.runsAgain() }
      tries += 1
      return try stage.connection.execute(statement.sql, operation: operation)
    }
    stage.ran(statement, at: place, seconds: (ContinuousClock.now - began).seconds, rows: rows)
  }

  private func failure(_ error: DriverError, _ statement: Statement) -> BelayError {
    var failure = BelayError(
      error, doing: "cannot restore table \(live.tableName) from \(copy.name)", kind: .migrationFailed)
    if failure.hint == nil, error.code == .constraint {
      failure.hint =
        "rows of the copy break a constraint of the table, or have exchanged values that must be unique, which the engine "
        + "checks after each row; the rows are in \(copy.name), where SQL can read them"
    }
    let sql = statement.sql
    failure.causes.append("in: \(sql.count > 200 ? sql.prefix(199) + "…" : sql)")
    return failure
  }

  /// The rows that are there now are those that were there when the copy was made.
  private func prove(on stage: Stage) throws(BelayError) {
    let now = try stage.connection.state(of: live, "comparing \(live.tableName)", context: stage.context)
    guard now != copy.state else { return }
    throw BelayError(
      .checkFailed,
      "table \(live.tableName) is not equal to \(copy.name) in the end: it has \(Counted.rows(now.rows)), and the copy "
        + "\(copy.state.rows)" + (now.rows == copy.state.rows ? ", with other values" : ""),
      hint: "a trigger may have changed what was written, or a column has another type since; the rows are in "
        + "\(copy.name), where SQL can read them")
  }

  private func inReceipts(
    _ doing: String, on stage: Stage, _ body: () throws(DriverError) -> Void
  ) throws(BelayError) {
    try stage.call(
      "the table \(receipts.table)", failure: { BelayError($0, doing: doing, kind: .migrationFailed) }, body)
  }
}
