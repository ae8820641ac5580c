import BelayRows
import CBelayDriver

extension Connection {
  /// Runs one statement that returns rows, with one row of parameters. columns is called once, before any rows, even if
  /// there are no rows. A batch and the values of its cells are valid only within the closure.
  ///
  /// Throws `DriverError`, or the error of a closure, which stops the query.
  package func query(
    _ sql: String, parameters: [Value] = [], operation: Operation,
    columns: ([ResultColumn]) throws -> Void = { _ in }, rows: (belay_batch) throws -> Void
  ) throws {
    let call = Call("query", of: sql)
    guard !parameters.isEmpty else {
      return try receiveRows(call, operation, columns: columns, rows: rows) { connection, operation, sink, error in
        sql.withBorrowed { driver.table.query(connection, operation, $0, nil, sink, error) }
      }
    }
    let row = try RowValues([parameters])
    try receiveRows(call, operation, columns: columns, rows: rows) { connection, operation, sink, error in
      row.withBatch { row in
        sql.withBorrowed { driver.table.query(connection, operation, $0, row, sink, error) }
      }
    }
  }

  /// All rows of a small result, copied.
  package func values(
    _ sql: String, parameters: [Value] = [], operation: Operation
  ) throws(DriverError) -> [[Value]] {
    let call = Call("query", of: sql)
    guard !parameters.isEmpty else {
      return try collectRows(call, operation) { connection, operation, sink, error in
        sql.withBorrowed { driver.table.query(connection, operation, $0, nil, sink, error) }
      }
    }
    let row = try RowValues([parameters])
    return try collectRows(call, operation) { connection, operation, sink, error in
      row.withBatch { row in
        sql.withBorrowed { driver.table.query(connection, operation, $0, row, sink, error) }
      }
    }
  }
}
