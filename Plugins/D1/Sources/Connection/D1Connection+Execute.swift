import BelayDriverKit
import SQLiteDialect

extension D1Connection {
  func execute(_ sql: String, operation: Operation) throws(DriverFailure) -> Int64? {
    try during(operation) { () throws(DriverFailure) in
      let script = try D1Script(sql)
      guard !script.pieces.isEmpty else { return 0 }
      let statements = script.pieces.map(\.sql)
      if script.isReading {
        do throws(CallFailure) {
          _ = try answers(statements, .repeatable)
        } catch {
          throw error.failure
        }
        return 0
      }
      forgetSchema()
      switch script.way {
      case .call:
        guard let answers = try write(statements) else { return nil }
        return answers.last?.meta?.changes
      case .file:
        try importStatements(script.pieces)
        return nil
      }
    }
  }

  func execute(_ sql: String, rows: Parameters, operation: Operation) throws(DriverFailure) -> Int64? {
    try during(operation) { () throws(DriverFailure) in
      try refuseReadOnly()
      forgetSchema()
      let statement = try ParameterizedStatement(sql)
      guard statement.parameterCount == rows.columnCount else {
        throw DriverFailure(
          .invalid, "the statement has \(statement.parameterCount) parameters, not \(rows.columnCount)")
      }
      return try write(rows, by: .statement(statement))
    }
  }

  /// Writes rows in as few calls as D1's limits allow. Each call is all or nothing.
  /// - Returns: rows changed; nil if unknown.
  func write(_ rows: Parameters, by form: RowBatch.Form) throws(DriverFailure) -> Int64? {
    var batch = RowBatch(form)
    var (changed, isKnown, calls): (Int64, Bool, Int) = (0, true, 0)
    func send() throws(DriverFailure) {
      guard !batch.isEmpty else { return }
      do throws(DriverFailure) {
        if let answers = try write(batch.statements + (batch.usesParts ? [LongValues.drop] : [])) {
          changed += batch.changes(answers)
        } else {
          isKnown = false
        }
      } catch {
        var failure = error
        if calls > 0, failure.outcome == .notApplied { failure.outcome = .partial }
        throw failure
      }
      calls += 1
      batch = RowBatch(form)
    }
    for row in 0..<rows.rowCount {
      if batch.bytes > Limits.callBytes { try send() }
      try batch.add(rows, row: row)
    }
    try send()
    return isKnown ? changed : nil
  }
}
