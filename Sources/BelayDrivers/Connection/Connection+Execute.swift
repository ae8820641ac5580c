import BelayRows
import CBelayDriver

extension Connection {
  /// Runs any number of statements in order, up to the first that fails. Results are discarded. Returns the rows
  /// changed by the last one; nil if unknown.
  @discardableResult
  package func execute(_ sql: String, operation: Operation) throws(DriverError) -> Int? {
    try execute(sql, nil, operation)
  }

  /// Runs one statement once per row of parameters. Returns the rows changed by all; nil if unknown.
  @discardableResult
  package func execute(_ sql: String, rows: [[Value]], operation: Operation) throws(DriverError) -> Int? {
    guard !rows.isEmpty else { return 0 }
    let batch = try RowValues(rows)
    return try batch.withBatch { batch in
      Result { () throws(DriverError) in try execute(sql, batch, operation) }
    }.get()
  }

  /// Runs one statement once per row of the batch. Returns the rows changed by all; nil if unknown.
  @discardableResult
  package func execute(_ sql: String, batch: belay_batch, operation: Operation) throws(DriverError) -> Int? {
    guard batch.nrows > 0 else { return 0 }
    var batch = batch
    return try withUnsafePointer(to: &batch) { batch in
      Result { () throws(DriverError) in try execute(sql, batch, operation) }
    }.get()
  }

  private func execute(
    _ sql: String, _ parameters: UnsafePointer<belay_batch>?, _ operation: Operation
  ) throws(DriverError) -> Int? {
    var affected: Int64 = -1
    // An engine may have ended the transaction although COMMIT failed.
    if sql == traits.commit || sql == traits.rollback || sql == traits.loadEnd { isInTransaction = false }
    try perform(Call("execute", of: sql, writes: true), operation) { connection, operation, error in
      sql.withBorrowed { driver.table.execute(connection, operation, $0, parameters, &affected, error) }
    }
    if sql == traits.begin || (sql == traits.loadBegin && traits.loadsInTransaction) { isInTransaction = true }
    return affected >= 0 ? Int(affected) : nil
  }
}
