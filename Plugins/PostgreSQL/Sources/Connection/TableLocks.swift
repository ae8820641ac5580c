import BelayDriverKit
import CPostgreSQL

/// The locks of a reader on all tables of a database, taken together before the snapshot, and the snapshot: whoever empties
/// or rewrites a table is either through by then, or waits.
///
/// While one table cannot be had, none is held: nobody waits for belay because belay waits for somebody else.
struct TableLocks {
  /// Takes them. Its transaction has no snapshot yet.
  let holder: Link
  /// Looks on, outside of any transaction.
  let observer: Link
  /// In all.
  let patienceMilliseconds: Int
  let operation: Operation

  /// What one try waits for each lock; in that time others wait behind it.
  private static let oneTry = 100

  /// Begins the holder's transaction, and takes them, and the snapshot.
  func take() throws(DriverFailure) {
    let deadline = ContinuousClock.now + .milliseconds(patienceMilliseconds)
    while true {
      try operation.check()
      try holder.run("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY", operation: operation)
      do throws(DriverFailure) {
        let locked = try lockAll(until: deadline)
        // With this question the transaction has its snapshot. What somebody has made in between is in it and not locked:
        // it may be dropped while it is read.
        if locked.isSuperset(of: try tables(seenBy: holder)) || ContinuousClock.now >= deadline { return }
        try holder.tidy("ROLLBACK")
      } catch {
        if holder.isLost { throw error }
        try holder.tidy("ROLLBACK")
        try mayTryAgain(after: error, until: deadline)
      }
    }
  }

  /// - Returns: the tables.
  private func lockAll(until deadline: ContinuousClock.Instant) throws(DriverFailure) -> Set<String> {
    let milliseconds = min(Self.oneTry, max(1, patienceMilliseconds))
    try holder.run("SET LOCAL lock_timeout = \(milliseconds)", operation: operation)
    var locked: Set<String> = []
    while true {
      let missing = try tables(seenBy: observer).filter { !locked.contains($0) }
      if missing.isEmpty { break }
      try holder.run("LOCK TABLE \(missing.joined(separator: ", ")) IN ACCESS SHARE MODE", operation: operation)
      locked.formUnion(missing)
    }
    // What is asked of the session from now on keeps nobody waiting.
    try holder.run("SET LOCAL lock_timeout = 0", operation: operation)
    return locked
  }

  /// Those that pg_dump locks, by names as LOCK takes them. What this role may not read, pg_dump tells. Of one that has gone
  /// since the question began the rights are NULL.
  private func tables(seenBy link: Link) throws(DriverFailure) -> [String] {
    let reply = try link.run(
      """
      SELECT 'ONLY ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.oid >= 16384
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') IS NOT FALSE
        AND pg_catalog.has_table_privilege(c.oid, 'SELECT') IS NOT FALSE
      ORDER BY c.oid
      """, operation: operation)
    return reply.rows.compactMap { $0.first ?? nil }
  }

  private func mayTryAgain(
    after failure: DriverFailure, until deadline: ContinuousClock.Instant
  ) throws(DriverFailure) {
    switch failure.sqlState {
    case "42P01", "3F000":
      // Dropped or renamed since the list was read.
      if ContinuousClock.now < deadline { return }
    case "55P03", "40P01":
      guard ContinuousClock.now >= deadline else { return }
      let holders = LockHolders(observer, operation).words
      throw DriverFailure(
        .busy,
        "a table is locked by another session, and was not released in \(patienceMilliseconds) ms"
          + (holders.map { ": \($0)" } ?? ""),
        hint: "wait for it to end, or end it", sqlState: failure.sqlState)
    case "53200":
      throw DriverFailure(
        .io, "the server has no room for a lock on each table: \(failure.message)",
        hint: "raise max_locks_per_transaction in postgresql.conf and restart the server", sqlState: failure.sqlState)
    default: break
    }
    throw failure
  }
}
