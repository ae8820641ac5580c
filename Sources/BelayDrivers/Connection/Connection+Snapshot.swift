import BelayRows
import CBelayDriver

extension Connection {
  /// The engine's own dump formats, the best one first; empty if there are none here. `support(for: .snapshot)` says
  /// why, and throws if that could not be found out.
  package func formats() -> [DumpFormat] {
    do {
      guard let table = try table(belay_snapshot.self, Operation()) else { return [] }
      return try readFormats(table)
    } catch {
      // A caller can work without any format; dump probes again, and throws the reason.
      return []
    }
  }

  /// "name:extension name:extension:stored"
  private func readFormats(_ table: belay_snapshot) throws(DriverError) -> [DumpFormat] {
    let call = Call(.snapshot, "formats")
    var text: String?
    try perform(call, Operation()) { connection, _, _ in
      text = table.formats(connection).text
      return Int32(BELAY_OK)
    }
    guard let text else { throw call.defect(of: driver, "it returned formats that are not UTF-8") }
    return text.split(separator: " ").map { DumpFormat(entry: $0) }
  }

  /// Writes one dump. token: a token that this connection has acquired or adopted.
  package func dump(
    _ format: String, token: String?, operation: Operation, into write: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    let table = try required(belay_snapshot.self, operation)
    try receiveBytes(Call(.snapshot, "dump"), operation, into: write) { connection, operation, sink, error in
      format.withBorrowed { format in
        (token ?? "").withBorrowed { table.dump(connection, operation, format, $0, sink, error) }
      }
    }
  }

  /// Reads a whole dump and checks it with the engine's own means. from fills a buffer and returns how many bytes; 0 is
  /// the end.
  package func verifyDump(
    _ format: String, operation: Operation, from read: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws {
    let table = try required(belay_snapshot.self, operation)
    try giveBytes(Call(.snapshot, "verify"), operation, from: read) { connection, operation, source, error in
      format.withBorrowed { table.verify(connection, operation, $0, source, error) }
    }
  }

  /// Whether `renderDump` can be used.
  package func rendersDumps(operation: Operation) throws(DriverError) -> Bool {
    try table(belay_snapshot.self, operation)?.text != nil
  }

  /// Reads a whole dump and turns it into SQL text. This counts as `verifyDump`.
  package func renderDump(
    _ format: String, operation: Operation, from read: (UnsafeMutableRawBufferPointer) throws -> Int,
    into write: (UnsafeRawBufferPointer) throws -> Void
  ) throws {
    guard let render = try required(belay_snapshot.self, operation).text else {
      throw DriverError(.unsupported, message: "driver \(driver.id) cannot turn its dumps into SQL text")
    }
    let call = Call(.snapshot, "text")
    try withoutActuallyEscaping(write) { write in
      let receiver = ByteReceiver(write)
      let outcome = Result {
        try giveBytes(call, operation, from: read) { connection, operation, source, error in
          format.withBorrowed { format in
            receiver.withSink { render(connection, operation, format, source, $0, error) }
          }
        }
      }
      if let failure = receiver.failure { throw failure }
      if let defect = receiver.defect { throw call.defect(of: driver, defect) }
      try outcome.get()
    }
  }

  /// Makes the database equal to the dump, all or nothing. Not inside a transaction.
  package func restoreDump(
    _ format: String, operation: Operation, from read: (UnsafeMutableRawBufferPointer) throws -> Int
  ) throws {
    let table = try required(belay_snapshot.self, operation)
    let call = Call(.snapshot, "restore", writes: true)
    try giveBytes(call, operation, from: read) { connection, operation, source, error in
      format.withBorrowed { table.restore(connection, operation, $0, source, error) }
    }
  }
}
