import BelayRows
import CBelayDriver

extension Connection {
  /// Who else is connected; nil where that cannot be known.
  package func sessions(operation: Operation) throws(DriverError) -> [Session]? {
    guard let table = try table(belay_sessions.self, operation) else { return nil }
    let call = Call(.sessions, "list")
    let rows = try collectRows(call, operation) { table.list($0, $1, $2, $3) }
    return try rows.map { row throws(DriverError) in
      guard row.count == 6, let id = row[0].text else { throw call.defect(of: driver, "its rows are not as agreed") }
      return Session(
        id: id, user: row[1].text, application: row[2].text, since: row[3].text, state: row[4].text,
        statement: row[5].text)
    }
  }

  /// Ends one session, by its id.
  package func terminateSession(_ id: String, operation: Operation) throws(DriverError) {
    let table = try required(belay_sessions.self, operation)
    try perform(Call(.sessions, "terminate", writes: true), operation) { connection, operation, error in
      id.withBorrowed { table.terminate(connection, operation, $0, error) }
    }
  }
}
