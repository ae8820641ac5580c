import BelayRows
import CBelayDriver

extension Connection {
  /// The driver can create scratch databases beside this one. If not, `support(for: .scratch)` says why.
  package var hasScratch: Bool {
    // If the probe failed for another reason, createScratch probes again and throws it.
    (try? support(for: .scratch)) == .available
  }

  /// A scratch database can replace this database.
  package var canPromote: Bool { hasScratch && !traits.cannotPromote }

  /// Creates an empty database and returns its URL. name: letters, digits and "-". Throws `.constraint` if it exists.
  package func createScratch(name: String, operation: Operation) throws(DriverError) -> String {
    let table = try required(belay_scratch.self, operation)
    return try collectText(Call(.scratch, "create", writes: true), operation) {
      connection, operation, sink, error in
      name.withBorrowed { table.create(connection, operation, $0, sink, error) }
    }
  }

  /// The URL that `createScratch` would return, without creating anything. Used to clean up after a killed run.
  package func locateScratch(name: String, operation: Operation) throws(DriverError) -> String {
    let table = try required(belay_scratch.self, operation)
    return try collectText(Call(.scratch, "locate"), operation) { connection, operation, sink, error in
      name.withBorrowed { table.locate(connection, operation, $0, sink, error) }
    }
  }

  /// Atomically: the scratch database's content becomes this database's. Not inside a transaction.
  package func promote(_ url: String, operation: Operation) throws(DriverError) {
    let table = try required(belay_scratch.self, operation)
    try perform(Call(.scratch, "promote", writes: true), operation) { connection, operation, error in
      url.withBorrowed { table.promote(connection, operation, $0, error) }
    }
  }

  /// Removes a scratch database; succeeds if there is none.
  package func dropScratch(_ url: String, operation: Operation) throws(DriverError) {
    let table = try required(belay_scratch.self, operation)
    try perform(Call(.scratch, "drop"), operation) { connection, operation, error in
      url.withBorrowed { table.drop(connection, operation, $0, error) }
    }
  }
}
