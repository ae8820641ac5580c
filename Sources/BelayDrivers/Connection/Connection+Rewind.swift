import BelayRows
import CBelayDriver

extension Connection {
  /// The engine can rewind. If not, `support(for: .rewind)` says why.
  package var hasRewind: Bool {
    // If the probe failed for another reason, rewind probes again and throws it.
    (try? support(for: .rewind)) == .available
  }

  /// A bookmark for `rewind`, of the current state or of the instant that this connection reads. nil: the engine cannot
  /// rewind.
  package func markPresent(operation: Operation) throws(DriverError) -> String? {
    guard let table = try table(belay_rewind.self, operation) else { return nil }
    return try collectText(Call(.rewind, "mark"), operation) { table.mark($0, $1, $2, $3) }
  }

  /// A bookmark of a past moment, in milliseconds since 1970 UTC.
  package func mark(atMilliseconds moment: Int64, operation: Operation) throws(DriverError) -> String {
    let table = try required(belay_rewind.self, operation)
    return try collectText(Call(.rewind, "at"), operation) { table.at($0, $1, moment, $2, $3) }
  }

  /// Returns the database to a bookmark; returns the bookmark that undoes this.
  package func rewind(to bookmark: String, operation: Operation) throws(DriverError) -> String {
    let table = try required(belay_rewind.self, operation)
    return try collectText(Call(.rewind, "rewind", writes: true), operation) {
      connection, operation, sink, error in
      bookmark.withBorrowed { table.rewind(connection, operation, $0, sink, error) }
    }
  }
}
