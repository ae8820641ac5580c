import BelayDriverKit
import CPostgreSQL

extension PostgreSQLConnection: SessionListing {
  /// Clients of this database, without this process's own sessions. What the role may not see is nil.
  func sessions(operation: Operation) throws(DriverFailure) -> [Session] {
    let reply = try link.run(
      """
      SELECT pid, usename, nullif(application_name, ''),
        pg_catalog.to_char(backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'), state,
        nullif(pg_catalog."left"(query, 2000), '')
      FROM pg_catalog.pg_stat_activity
      WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()
        AND coalesce(backend_type, 'client backend') = 'client backend'
      ORDER BY backend_start, pid
      """, operation: operation)
    let own = OwnBackends.processes(on: link.handle)
    return reply.rows.compactMap { row in
      guard row.count == 6, let id = row[0], let process = Int32(id), !own.contains(process) else { return nil }
      return Session(id: id, user: row[1], application: row[2], since: row[3], state: row[4], statement: row[5])
    }
  }

  func terminateSession(_ id: String, operation: Operation) throws(DriverFailure) {
    guard let process = Int32(id), process > 0 else {
      throw DriverFailure(.invalid, "session \(id) is not the number of a server process")
    }
    let reply = try link.run(
      """
      SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity
      WHERE pid = $1::int AND datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()
      """, [String(process)], operation: operation)
    guard !reply.rows.isEmpty else {
      throw DriverFailure(.notFound, "there is no session \(id) in this database", hint: "it may have ended by itself")
    }
    guard reply.isTrue else { throw DriverFailure(.io, "session \(id) could not be ended") }
  }
}
