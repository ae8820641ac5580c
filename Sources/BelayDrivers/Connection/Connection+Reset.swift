import BelayABI
import BelayRows
import CBelayDriver

extension Connection {
  /// Makes the session what opening made of it: what a script has set there ends with the script. Within a transaction
  /// too, which goes on. A driver that cannot: nothing is done.
  package func resetSession(operation: Operation) throws(DriverError) {
    guard let table = try table(belay_reset.self, operation) else { return }
    try perform(Call(.reset, "reset"), operation) { table.reset($0, $1, $2) }
  }

  /// What stands between two scripts that are split as one, so that what the first sets for its session does not reach
  /// the second. Never run. Empty where the driver has no such statements.
  package func seam(operation: Operation) throws(DriverError) -> String {
    guard let table = try table(belay_reset.self, operation) else { return "" }
    return try collectText(Call(.reset, "seam"), operation, mayBeEmpty: true) { table.seam($0, $1, $2, $3) }
  }

  /// The schema of a table of the host's own: where it is, else where it is to be made. Empty: by its name alone.
  /// - Throws: `.invalid` where that is not clear.
  package func place(of name: String, operation: Operation) throws(DriverError) -> String {
    guard let table = try table(belay_reset.self, operation) else { return "" }
    return try collectText(Call(.reset, "place"), operation, mayBeEmpty: true) { connection, operation, sink, error in
      name.withBorrowed { table.place(connection, operation, $0, sink, error) }
    }
  }

  /// What the database shares with others, and whether the open transaction has written it; nil where that cannot be known.
  package func surroundings(operation: Operation) throws(DriverError) -> [SharedObject]? {
    guard let table = try table(belay_surroundings.self, operation) else { return nil }
    return try collectTable(Call(.surroundings, "read"), operation) { table.read($0, $1, $2, $3) }
  }
}
