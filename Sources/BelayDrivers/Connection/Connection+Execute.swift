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
      Result { () throws(DriverError) in try execute(sql, batch: batch.pointee, operation: operation) }
    }.get()
  }

  /// Runs one statement once per row of the batch, in as many calls as the driver's limit of rows makes necessary. Returns
  /// the rows changed by all; nil if unknown.
  @discardableResult
  package func execute(_ sql: String, batch: belay_batch, operation: Operation) throws(DriverError) -> Int? {
    let most = traits.maxRowsPerExecute > 0 ? UInt64(traits.maxRowsPerExecute) : UInt64.max
    var rest = batch
    var affected: Int? = 0
    var isFirst = true
    while rest.nrows > 0 {
      var part = rest
      part.nrows = min(rest.nrows, most)
      do throws(DriverError) {
        let changed = try withUnsafePointer(to: &part) { part in
          Result { () throws(DriverError) in try execute(sql, part, operation) }
        }.get()
        affected = affected.flatMap { sum in changed.map { sum + $0 } }
      } catch {
        var failure = error
        // Of the calls before it, whatever became of this one.
        if !isFirst, failure.outcome != .unknown { failure.outcome = .partial }
        throw failure
      }
      isFirst = false
      rest.nrows -= part.nrows
      rest.cells = rest.cells.map { $0 + Int(part.nrows) * Int(part.ncols) }
    }
    return affected
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
