import BelayDriverKit

/// What else the server is doing, and who else uses it.
extension Preflight {
  private static let connectionsNeeded = 6
  private static let fewestConnections = 4

  func writing() throws(DriverFailure) -> [PreflightFinding] {
    let row =
      try ask(
        "settings",
        """
        SELECT pg_catalog.pg_is_in_recovery(), pg_catalog.current_setting('default_transaction_read_only'),
          pg_catalog.current_setting('session_replication_role')
        """
      ).first ?? [nil, nil, nil]
    var found: [PreflightFinding] = []
    if row[0] == "t" {
      found.append(
        PreflightFinding(
          .error, rule: "standby", "this server is a standby: nothing can be written to it",
          hint: "connect to the primary: target_session_attrs=read-write in the URL chooses it"))
    } else if row[1] == "on" {
      found.append(
        PreflightFinding(
          .error, rule: "default-read-only", "default_transaction_read_only is on for \(role.name) here",
          hint: "ALTER ROLE \(role.quoted) IN DATABASE \(role.quotedDatabase) SET default_transaction_read_only = off"))
    }
    if let setting = row[2], setting != "origin" {
      found.append(
        PreflightFinding(
          .error, rule: "replication-role",
          "session_replication_role is \(setting): triggers would not run, and foreign keys would not be checked",
          hint: "ALTER ROLE \(role.quoted) RESET session_replication_role"))
    }
    return found
  }

  func archiving() throws(DriverFailure) -> [PreflightFinding] {
    let rows = try ask(
      "WAL archiving",
      """
      SELECT a.last_failed_time > coalesce(a.last_archived_time, '-infinity'), a.last_failed_wal, a.failed_count,
        pg_catalog.to_char(a.last_archived_time AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"')
      FROM pg_catalog.pg_stat_archiver a WHERE pg_catalog.current_setting('archive_mode') <> 'off'
      """)
    return rows.map { row in
      if row[0] == "t" {
        return PreflightFinding(
          .warning, rule: "archiving",
          "WAL archiving fails (\(row[1] ?? ""); last success: \(row[3] ?? "never")): the server's disk fills up, and "
            + "point-in-time recovery has a gap",
          hint: "check the server's log and archive_command")
      }
      return PreflightFinding(
        .note, rule: "archiving", row[3].map { "WAL was last archived at \($0)" } ?? "no WAL has been archived yet")
    }
  }

  func connections() throws(DriverFailure) -> [PreflightFinding] {
    let rows = try ask(
      "connections",
      """
      SELECT pg_catalog.current_setting('max_connections')::int
        - CASE WHEN \(role.isSuperuser) THEN 0 ELSE pg_catalog.current_setting('superuser_reserved_connections')::int
          + coalesce(pg_catalog.current_setting('reserved_connections', true)::int, 0) END
        - (SELECT count(*) FROM pg_catalog.pg_stat_activity WHERE backend_type = 'client backend')
      """)
    guard var free = rows.first?[0].flatMap({ Int($0) }) else { return [] }
    if let ownLimit = role.ownLimit { free = min(free, ownLimit) }
    guard free < Self.connectionsNeeded else { return [] }
    return [
      PreflightFinding(
        free < Self.fewestConnections ? .error : .warning, rule: "connections",
        "\(max(0, free)) connections are left for \(role.name), and belay needs about \(Self.connectionsNeeded)",
        hint: "end sessions that are not needed, or raise max_connections or the role's or database's CONNECTION LIMIT")
    ]
  }

  private var own: Set<Int32> { OwnBackends.processes(on: link.handle) }

  func longTransactions() throws(DriverFailure) -> [PreflightFinding] {
    let rows = try ask(
      "transactions",
      """
      SELECT pid, coalesce(nullif(application_name, ''), usename, 'unknown'), state,
        pg_catalog.date_trunc('second', pg_catalog.clock_timestamp() - xact_start)
      FROM pg_catalog.pg_stat_activity
      WHERE datname = pg_catalog.current_database() AND pid <> pg_catalog.pg_backend_pid()
        AND xact_start < pg_catalog.clock_timestamp() - interval '5 minutes' ORDER BY xact_start
      """)
    return rows.compactMap { row in
      guard let process = row[0].flatMap({ Int32($0) }), !own.contains(process) else { return nil }
      return PreflightFinding(
        .warning, rule: "long-transaction", subject: "session \(process)",
        "\(row[1] ?? "") has had a transaction open for \(row[3] ?? "") (\(row[2] ?? "")): "
          + "it keeps its locks until it ends",
        hint: "SELECT pg_terminate_backend(\(process))")
    }
  }

  func preparedTransactions() throws(DriverFailure) -> [PreflightFinding] {
    let rows = try ask(
      "prepared transactions",
      """
      SELECT gid, pg_catalog.date_trunc('second', prepared) FROM pg_catalog.pg_prepared_xacts
      WHERE database = pg_catalog.current_database() ORDER BY prepared
      """)
    return rows.map { row in
      let gid = SQLLiteral.quoted(row[0] ?? "")
      return PreflightFinding(
        .warning, rule: "prepared-transaction", subject: row[0] ?? "",
        "was prepared at \(row[1] ?? "") and has not ended: it keeps its locks, and the database cannot be swapped",
        hint: "COMMIT PREPARED \(gid) or ROLLBACK PREPARED \(gid)")
    }
  }

  /// Strong locks of other sessions on tables: altering such a table has to wait.
  func locks() throws(DriverFailure) -> [PreflightFinding] {
    let rows = try ask(
      "locks",
      """
      SELECT DISTINCT l.pid, \(Self.shownName), l.mode, coalesce(nullif(a.application_name, ''), a.usename, 'unknown')
      FROM pg_catalog.pg_locks l
        JOIN pg_catalog.pg_database d ON d.oid = l.database AND d.datname = pg_catalog.current_database()
        JOIN (\(Self.userRelations)) ON c.oid = l.relation
        LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
      WHERE l.granted AND l.locktype = 'relation' AND c.relkind IN ('r', 'p', 'm')
        AND l.mode IN ('ShareLock', 'ShareRowExclusiveLock', 'ExclusiveLock', 'AccessExclusiveLock')
        AND l.pid <> pg_catalog.pg_backend_pid()
      ORDER BY 2, 1
      """)
    return rows.compactMap { row in
      guard let process = row[0].flatMap({ Int32($0) }), !own.contains(process) else { return nil }
      return PreflightFinding(
        .warning, rule: "locked", subject: row[1] ?? "",
        "is locked (\(row[2] ?? "")) by session \(process) (\(row[3] ?? ""))",
        hint: "wait for it to end, or type: SELECT pg_terminate_backend(\(process))")
    }
  }

  /// A slot that nobody reads retains the WAL that this run is going to write.
  func replicationSlots() throws(DriverFailure) -> [PreflightFinding] {
    guard needs.contains(.write) || needs.contains(.scratch) else { return [] }
    let rows = try ask(
      "replication slots",
      """
      SELECT slot_name, pg_catalog.pg_size_pretty(pg_catalog.pg_wal_lsn_diff(
        CASE WHEN pg_catalog.pg_is_in_recovery() THEN pg_catalog.pg_last_wal_replay_lsn()
          ELSE pg_catalog.pg_current_wal_lsn() END, restart_lsn))
      FROM pg_catalog.pg_replication_slots WHERE NOT active AND restart_lsn IS NOT NULL ORDER BY 1
      """)
    return rows.map { row in
      PreflightFinding(
        .warning, rule: "inactive-slot", subject: row[0] ?? "",
        "nobody reads from this replication slot: it retains \(row[1] ?? "") of WAL, and what this run will write",
        hint: "start its reader, or SELECT pg_drop_replication_slot(\(SQLLiteral.quoted(row[0] ?? "")))")
    }
  }
}
