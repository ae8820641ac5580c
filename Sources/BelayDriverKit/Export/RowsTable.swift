import CBelayDriver

// The table is written once, on first use, and only read from then on: hence `nonisolated(unsafe)`.
extension ExtensionTables {
  nonisolated(unsafe) static let rows = permanent(
    belay_rows(
      struct_size: structSize(belay_rows.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .rows) },
      read: { connection, operation, table, rows, error in
        answering(connection, error, as: (any RowTransferring).self) { (connection) throws(DriverFailure) in
          guard let rows else { throw DriverFailure(.invalid, "there is nowhere to put the rows") }
          let writer = RowWriter(rows.pointee)
          let table = try TableColumns(table)
          try withoutOffset { () throws(DriverFailure) in
            try connection.read(table, operation: Operation(handle: operation), into: writer)
          }
          try writer.finish()
        }
      },
      load: { connection, operation, table, rows, error in
        answering(connection, error, as: (any RowTransferring).self) { (connection) throws(DriverFailure) in
          guard let rows else { throw DriverFailure(.invalid, "there are no rows to load") }
          let table = try TableColumns(table)
          let parameters = Parameters(batch: rows.pointee)
          guard parameters.columnCount == table.columns.count else {
            throw DriverFailure(
              .invalid, "rows of \(parameters.columnCount) values for \(table.columns.count) columns of \(table.name)")
          }
          try withoutOffset { () throws(DriverFailure) in
            try connection.load(parameters, into: table, operation: Operation(handle: operation))
          }
        }
      }))
}

/// There is no statement of the host's in which the error could have a position.
private func withoutOffset(_ body: () throws(DriverFailure) -> Void) throws(DriverFailure) {
  do throws(DriverFailure) {
    try body()
  } catch {
    var failure = error
    failure.sqlOffset = nil
    throw failure
  }
}

extension TableColumns {
  fileprivate init(_ table: UnsafePointer<belay_table>?) throws(DriverFailure) {
    guard let table = table?.pointee else { throw DriverFailure(.invalid, "there is no table") }
    self.init(schema: try table.schema.text("the schema"), name: try table.name.text("the table"), columns: [])
    for column in UnsafeBufferPointer(start: table.columns, count: table.columns == nil ? 0 : Int(table.ncolumns)) {
      columns.append(try column.text("the name of a column"))
    }
    if columns.isEmpty { throw DriverFailure(.invalid, "no columns of \(name) were given") }
  }
}
