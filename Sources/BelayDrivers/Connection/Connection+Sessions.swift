import BelayRows
import CBelayDriver

extension Connection {
  /// Who else is connected; nil if that is not known.
  package func sessions(operation: Operation) throws(DriverError) -> [Session]? {
    guard let table = try table(belay_sessions.self, operation) else { return nil }
    return try collectTable(Call(.sessions, "list"), operation) { table.list($0, $1, $2, $3) }
  }

  /// Ends one session, by its id.
  package func terminateSession(_ id: String, operation: Operation) throws(DriverError) {
    let table = try required(belay_sessions.self, operation)
    try perform(Call(.sessions, "terminate", writes: true), operation) { connection, operation, error in
      id.withBorrowed { table.terminate(connection, operation, $0, error) }
    }
  }
}
