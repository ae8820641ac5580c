import BelayDriverKit

/// Rows of a table written by a transaction, as the server counts them.
struct RowCounters: Equatable {
  var inserted: Int64 = 0
  var updated: Int64 = 0
  var deleted: Int64 = 0
}

extension PostgreSQLConnection: FootprintReading {
  /// The server counts attempts: rows of a statement that was rolled back to a savepoint are still counted.
  func footprint(operation: Operation) throws(DriverFailure) -> [TableFootprint] {
    let isOpen = link.isInTransaction
    let reply = try link.run(Self.footprintQuery, operation: operation)
    return reply.rows.compactMap { row in
      guard row.count == 9, let id = row[0], let schema = row[1], let table = row[2], let storage = row[4] else {
        return nil
      }
      let place = row[3].flatMap { Int($0) } ?? 0
      let lock = isOpen && Self.locks.indices.contains(place - 1) ? Self.locks[place - 1] : nil
      var counters = Self.counters(row)
      if let before = countersAtBegin[id] {
        counters.inserted -= before.inserted
        counters.updated -= before.updated
        counters.deleted -= before.deleted
      }
      if !isOpen { counters = RowCounters() }
      return TableFootprint(
        schema: schema, table: table, lock: lock, blocks: Self.blocked(by: lock), storage: storage,
        inserted: counters.inserted, updated: counters.updated, deleted: counters.deleted, reachedBy: row[8])
    }
  }

  /// With statistics off the server counts no rows, and reporting 0 would be wrong.
  func probeFootprint(_ operation: Operation) throws(DriverFailure) {
    // In a failed transaction nothing can be queried, so no footprint can be read either.
    guard !link.isInFailedTransaction else { return }
    guard try !countsRows(operation) else { return }
    throw DriverFailure(
      .unsupported, "track_counts is off: the server does not count the rows that a transaction writes",
      hint: "switch it on in postgresql.conf")
  }

  func countsRows(_ operation: Operation) throws(DriverFailure) -> Bool {
    try link.run("SELECT pg_catalog.current_setting('track_counts')::bool", operation: operation).isTrue
  }

  /// The server flushes these counters only from time to time, so they may still include earlier transactions: call
  /// this when a transaction has just begun.
  func rememberCounters(_ operation: Operation) throws(DriverFailure) {
    let reply = try link.run(
      "SELECT o.* FROM (\(Self.footprintQuery)) o WHERE o.inserted + o.updated + o.deleted > 0",
      operation: operation)
    countersAtBegin = Dictionary(
      reply.rows.compactMap { row in row[0].map { ($0, Self.counters(row)) } }, uniquingKeysWith: { first, _ in first })
    sharedAtBegin = try sharedCounters(operation)
  }

  private static func counters(_ row: [String?]) -> RowCounters {
    RowCounters(
      inserted: row[5].flatMap { Int64($0) } ?? 0, updated: row[6].flatMap { Int64($0) } ?? 0,
      deleted: row[7].flatMap { Int64($0) } ?? 0)
  }

  private static func blocked(by lock: String?) -> TableFootprint.Blocked {
    switch lock {
    case "AccessExclusiveLock": .everything
    case "ShareLock", "ShareRowExclusiveLock", "ExclusiveLock": .writes
    default: .nothing
    }
  }

  /// Locks from the weakest to the strongest.
  private static let locks = [
    "AccessShareLock", "RowShareLock", "RowExclusiveLock", "ShareUpdateExclusiveLock", "ShareLock",
    "ShareRowExclusiveLock", "ExclusiveLock", "AccessExclusiveLock",
  ]

  /// Of pg_constraint's letters those that write rows.
  private static let actions = "WHEN 'c' THEN 'CASCADE' WHEN 'n' THEN 'SET NULL' WHEN 'd' THEN 'SET DEFAULT'"

  /// Locks and keys are read once, not once for each table.
  private static let footprintQuery = """
    WITH own AS MATERIALIZED (
      SELECT l.relation, max(array_position(ARRAY[\(locks.map { "'\($0)'" }.joined(separator: ", "))], l.mode)) AS place
      FROM pg_catalog.pg_locks l
      WHERE l.locktype = 'relation' AND l.pid = pg_catalog.pg_backend_pid() AND l.granted
        AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
      GROUP BY l.relation),
    keys AS MATERIALIZED (
      SELECT k.conrelid, pg_catalog.string_agg(w.words || ' of ' || k.conname, ', ' ORDER BY k.conname, w.words) AS words
      FROM pg_catalog.pg_constraint k CROSS JOIN LATERAL (VALUES
        ('ON DELETE ' || CASE k.confdeltype \(actions) END), ('ON UPDATE ' || CASE k.confupdtype \(actions) END)
      ) AS w (words)
      WHERE k.contype = 'f' AND w.words IS NOT NULL
      GROUP BY k.conrelid)
    SELECT c.oid, n.nspname, c.relname, l.place, c.relfilenode,
      pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid) AS inserted,
      pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) AS updated,
      pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid) AS deleted,
      k.words
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      LEFT JOIN own l ON l.relation = c.oid LEFT JOIN keys k ON k.conrelid = c.oid
    WHERE c.relkind = 'r' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    ORDER BY n.nspname, c.relname
    """
}
