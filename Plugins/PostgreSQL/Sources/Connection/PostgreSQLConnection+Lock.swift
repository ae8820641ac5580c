import BelayDriverKit
import CPostgreSQL

extension PostgreSQLConnection: Locking {
  func acquireLock(_ name: String, operation: Operation) throws(DriverFailure) {
    if locks.contains(name) { return }
    let link = try idleLink(operation)
    let key = Self.lockKey(name)
    let reply = try link.run(
      "SELECT pg_catalog.pg_try_advisory_lock(\(key)), pg_catalog.pg_backend_pid()", operation: operation)
    guard reply.isTrue else { throw try held(name, key, link, operation) }
    // A separate query: a pooler that assigns sessions per transaction may answer it from another session.
    let check = try link.run(
      """
      SELECT pg_catalog.pg_backend_pid(), EXISTS (SELECT FROM pg_catalog.pg_locks
        WHERE \(Self.isLock(key)) AND granted AND pid = pg_catalog.pg_backend_pid())
      """, operation: operation)
    guard check.rows.first?.first == reply.rows.first?.last, check.rows.first?.last == "t" else {
      throw DriverFailure(
        .unsupported, "lock \(name) cannot be relied on: the connection goes through a pooler that shares sessions",
        hint: "use a URL of the server itself, or of a pool in session mode")
    }
    locks.insert(name)
  }

  func releaseLock(_ name: String, operation: Operation) throws(DriverFailure) {
    guard locks.remove(name) != nil, let lockLink else {
      throw DriverFailure(.invalid, "lock \(name) is not held by this connection")
    }
    do throws(DriverFailure) {
      try lockLink.tidy("SELECT pg_catalog.pg_advisory_unlock(\(Self.lockKey(name)))")
    } catch {
      // If the session has ended, so has the lock.
      if !lockLink.isLost { throw error }
    }
  }

  /// The lock's session does nothing else, so no transaction and no failed statement can release the lock.
  private func idleLink(_ operation: Operation) throws(DriverFailure) -> Link {
    if let lockLink, !lockLink.isLost { return lockLink }
    let link = try Self.connect(parameters, settings, stopFlag, operation)
    lockLink = link
    return link
  }

  private func held(
    _ name: String, _ key: Int64, _ link: Link, _ operation: Operation
  ) throws(DriverFailure) -> DriverFailure {
    let holder = try link.run(
      """
      SELECT l.pid, a.usename, a.application_name,
        pg_catalog.to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
      FROM pg_catalog.pg_locks l LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
      WHERE l.granted AND l.\(Self.isLock(key)) LIMIT 1
      """, operation: operation)
    var words = "another session"
    if let row = holder.rows.first, row.count == 4, let process = row[0] {
      words = "server process \(process)"
      if let user = row[1], !user.isEmpty { words += " of \(user)" }
      if let application = row[2], !application.isEmpty { words += " (\(application))" }
      if let since = row[3] { words += ", connected since \(since)" }
    }
    return DriverFailure(.busy, "lock \(name) is held by \(words)", hint: "wait until that session ends, or end it")
  }

  /// Advisory locks are identified by a number, per database. Every belay must compute the same one.
  private static func lockKey(_ name: String) -> Int64 {
    Int64(bitPattern: Fingerprint(of: "belay.lock/\(name)").value)
  }

  /// How pg_locks shows a number of 64 bits.
  private static func isLock(_ key: Int64) -> String {
    let bits = UInt64(bitPattern: key)
    return """
      locktype = 'advisory' AND classid = \(bits >> 32) AND objid = \(bits & 0xffff_ffff) AND objsubid = 1
      AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
      """
  }
}
