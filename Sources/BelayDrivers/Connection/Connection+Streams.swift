import BelayABI
import BelayRows
import CBelayDriver

extension Connection {
  /// A call that returns rows. Errors of a closure are rethrown unchanged.
  func receiveRows(
    _ call: Call, _ operation: Operation, columns: ([ResultColumn]) throws -> Void,
    rows: (belay_batch) throws -> Void,
    _ body: (
      _ connection: OpaquePointer, _ operation: OpaquePointer, _ sink: UnsafePointer<belay_rowsink>,
      _ error: OpaquePointer
    ) -> Int32
  ) throws {
    try withoutActuallyEscaping(columns) { columns in
      try withoutActuallyEscaping(rows) { rows in
        let receiver = RowReceiver(
          columns: columns,
          rows: { batch in
            // For drivers that neither poll nor can be interrupted.
            if operation.isCancelled { throw DriverError(.cancelled, message: "\(call.name) was cancelled") }
            try rows(batch)
          })
        let outcome = Result { () throws(DriverError) in
          try perform(call, operation, defect: { receiver.defect }, isUntouched: { receiver.isUntouched }) {
            connection, operation, error in
            let code = receiver.withSink { body(connection, operation, $0, error) }
            if code == BELAY_OK { receiver.finish() }
            return code
          }
        }
        if let failure = receiver.failure { throw failure }
        try outcome.get()
      }
    }
  }

  /// All rows of a call, copied.
  func collectRows(
    _ call: Call, _ operation: Operation,
    _ body: (
      _ connection: OpaquePointer, _ operation: OpaquePointer, _ sink: UnsafePointer<belay_rowsink>,
      _ error: OpaquePointer
    ) -> Int32
  ) throws(DriverError) -> [[Value]] {
    var collected: [[Value]] = []
    do {
      try receiveRows(call, operation, columns: { _ in }, rows: { collected += $0.values }, body)
    } catch let error as DriverError {
      throw error
    } catch {
      // The closures above throw nothing; this only satisfies the compiler.
      throw call.defect(of: driver, "\(error)")
    }
    return collected
  }

  /// All rows of a call that returns a small table, such as findings.
  func collectTable<Row: TableRow>(
    _ call: Call, _ operation: Operation,
    _ body: (
      _ connection: OpaquePointer, _ operation: OpaquePointer, _ sink: UnsafePointer<belay_rowsink>,
      _ error: OpaquePointer
    ) -> Int32
  ) throws(DriverError) -> [Row] {
    try collectRows(call, operation, body).map { row throws(DriverError) in
      guard let read = Row(row: row) else { throw call.defect(of: driver, "its rows do not have the required columns") }
      return read
    }
  }

  /// A call that writes bytes. Errors of the closure are rethrown unchanged.
  func receiveBytes(
    _ call: Call, _ operation: Operation, into write: (UnsafeRawBufferPointer) throws -> Void,
    _ body: (
      _ connection: OpaquePointer, _ operation: OpaquePointer, _ sink: UnsafePointer<belay_sink>,
      _ error: OpaquePointer
    ) -> Int32
  ) throws {
    try withoutActuallyEscaping(write) { write in
      let receiver = ByteReceiver(write)
      let outcome = Result { () throws(DriverError) in
        try perform(call, operation, defect: { receiver.defect }, isUntouched: { receiver.isUntouched }) {
          connection, operation, error in
          receiver.withSink { body(connection, operation, $0, error) }
        }
      }
      if let failure = receiver.failure { throw failure }
      try outcome.get()
    }
  }

  /// A call that writes a short text: a token, a URL, a bookmark.
  /// - Parameter mayBeEmpty: writing nothing is an answer.
  func collectText(
    _ call: Call, _ operation: Operation, mayBeEmpty: Bool = false,
    _ body: (
      _ connection: OpaquePointer, _ operation: OpaquePointer, _ sink: UnsafePointer<belay_sink>,
      _ error: OpaquePointer
    ) -> Int32
  ) throws(DriverError) -> String {
    var bytes: [UInt8] = []
    do {
      try receiveBytes(call, operation, into: { bytes += $0 }, body)
    } catch let error as DriverError {
      throw error
    } catch {
      // The closure above throws nothing; this only satisfies the compiler.
      throw call.defect(of: driver, "\(error)")
    }
    guard mayBeEmpty || !bytes.isEmpty, let text = String(validating: bytes, as: UTF8.self) else {
      throw call.defect(of: driver, bytes.isEmpty ? "it wrote nothing" : "it wrote text that is not UTF-8")
    }
    return text
  }

  /// A call that reads bytes. Errors of the closure are rethrown unchanged.
  func giveBytes(
    _ call: Call, _ operation: Operation, from read: (UnsafeMutableRawBufferPointer) throws -> Int,
    _ body: (
      _ connection: OpaquePointer, _ operation: OpaquePointer, _ source: UnsafePointer<belay_source>,
      _ error: OpaquePointer
    ) -> Int32
  ) throws {
    try withoutActuallyEscaping(read) { read in
      let giver = ByteGiver(read)
      let outcome = Result { () throws(DriverError) in
        try perform(call, operation, isUntouched: { giver.isUntouched }) { connection, operation, error in
          giver.withSource { body(connection, operation, $0, error) }
        }
      }
      if let failure = giver.failure { throw failure }
      try outcome.get()
    }
  }
}
