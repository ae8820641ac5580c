import BelayRows
import CBelayDriver

extension Connection {
  /// Reads the stored columns of every row of a table, in the order of the columns; the rows come in any order. columns
  /// is called once, before any rows. A batch and the values of its cells are valid only within the closure.
  ///
  /// Uses belay.rows/1; without it, or for a table without columns, a SELECT.
  ///
  /// Throws `DriverError`, or the error of a closure, which stops the reading.
  package func read(
    _ table: CatalogTable, operation: Operation, columns: ([ResultColumn]) throws -> Void = { _ in },
    rows: (belay_batch) throws -> Void
  ) throws {
    guard let functions = try functions(for: table, operation) else {
      return try query(table.selectStatement(traits), operation: operation, columns: columns, rows: rows)
    }
    let call = Call(.rows, "read")
    let names = table.storedColumns.map(\.name)
    try receiveRows(
      call, operation,
      columns: { told in
        guard told.map(\.name) == names else {
          throw call.defect(of: driver, "it passed the columns \(told.map(\.name)) instead of \(names)")
        }
        try columns(told)
      }, rows: rows
    ) { connection, operation, sink, error in
      table.withBorrowed { functions.read(connection, operation, $0, sink, error) }
    }
  }

  /// Adds rows to a table: values of its stored columns, in the order of the columns. Opens no transaction. After a
  /// failure the error's outcome is that of this batch alone.
  ///
  /// Uses belay.rows/1; without it, an INSERT.
  package func load(_ batch: belay_batch, into table: CatalogTable, operation: Operation) throws(DriverError) {
    guard batch.nrows > 0 else { return }
    guard let functions = try functions(for: table, operation) else {
      try execute(table.insertStatement(traits), batch: batch, operation: operation)
      return
    }
    try perform(Call(.rows, "load", writes: true), operation) { connection, operation, error in
      withUnsafePointer(to: batch) { batch in
        table.withBorrowed { functions.load(connection, operation, $0, batch, error) }
      }
    }
  }

  /// The same for a few rows.
  package func load(_ rows: [[Value]], into table: CatalogTable, operation: Operation) throws(DriverError) {
    let batch = try RowValues(rows)
    try batch.withBatch { batch in
      Result { () throws(DriverError) in try load(batch.pointee, into: table, operation: operation) }
    }.get()
  }

  /// nil: SQL text is used.
  private func functions(for table: CatalogTable, _ operation: Operation) throws(DriverError) -> belay_rows? {
    table.storedColumns.isEmpty ? nil : try self.table(belay_rows.self, operation)
  }
}

extension CatalogTable {
  /// Lends the names while body runs.
  package func withBorrowed<R>(_ body: (UnsafePointer<belay_table>) -> R) -> R {
    schema.withBorrowed { schema in
      name.withBorrowed { name in
        storedColumns.map(\.name).withBorrowed { columns in
          let table = belay_table(
            struct_size: UInt32(MemoryLayout<belay_table>.size), ncolumns: UInt32(columns.count), schema: schema,
            name: name, columns: columns.baseAddress)
          return withUnsafePointer(to: table, body)
        }
      }
    }
  }
}
