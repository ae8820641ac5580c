import BelayRows
import CBelayDriver

extension Connection {
  /// Can make throw-away databases beside this one. `support(for: .scratch)` says why not.
  package var hasScratch: Bool {
    // A probe that failed for another reason is asked again by createScratch, which throws it.
    (try? support(for: .scratch)) == .available
  }

  /// Such a database can take this one's place.
  package var canPromote: Bool { hasScratch && !traits.cannotPromote }

  /// Makes an empty database and returns its URL. name: letters, digits and "-". `.constraint` where it exists.
  package func createScratch(name: String, operation: Operation) throws(DriverError) -> String {
    let table = try required(belay_scratch.self, operation)
    return try collectText(Call(.scratch, "create", writes: true), operation) {
      connection, operation, sink, error in
      name.withBorrowed { table.create(connection, operation, $0, sink, error) }
    }
  }

  /// The URL that `createScratch` would give, without creating anything: how a run that was killed is cleaned up after.
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

  /// Removes a scratch database; well where there is none.
  package func dropScratch(_ url: String, operation: Operation) throws(DriverError) {
    let table = try required(belay_scratch.self, operation)
    try perform(Call(.scratch, "drop"), operation) { connection, operation, error in
      url.withBorrowed { table.drop(connection, operation, $0, error) }
    }
  }
}
