import CBelayDriver

extension Connection {
  /// The engine's own text forms for one table's rows, the best first; empty without the extension: `query` and `execute`.
  package func bulkFormats(operation: Operation) throws(DriverError) -> [DumpFormat] {
    guard let table = try table(belay_bulk.self, operation) else { return [] }
    let call = Call("belay.bulk/1.formats")
    return try readFormats(call) { table.formats($0) }
  }

  /// All rows of one table. name: quoted, with its schema.
  package func copyOut(
    _ name: String, format: String, token: String?, operation: Operation,
    into write: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let table = try required(belay_bulk.self, operation)
    try receiveBytes(Call("belay.bulk/1.copy_out"), operation, into: write) { connection, operation, sink, error in
      name.withBorrowed { name in
        format.withBorrowed { format in
          (token ?? "").withBorrowed { table.copy_out(connection, operation, name, format, $0, sink, error) }
        }
      }
    }
  }

  /// Adds rows to one table, all or nothing. name: quoted, with its schema.
  package func copyIn(
    _ name: String, format: String, operation: Operation, from read: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws {
    let table = try required(belay_bulk.self, operation)
    let call = Call("belay.bulk/1.copy_in", writes: true)
    try giveBytes(call, operation, from: read) { connection, operation, source, error in
      name.withBorrowed { name in
        format.withBorrowed { table.copy_in(connection, operation, name, $0, source, error) }
      }
    }
  }
}
