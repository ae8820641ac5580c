import BelayDriverKit

/// Which other sessions hold locks on tables of this database: for the message when waiting for a lock has failed.
struct LockHolders {
  /// "session 123 (user app, application psql, in a transaction since 10:00:00 UTC) holds public.t"; nil if nobody
  /// holds one any more.
  let words: String?

  /// - Parameter onlyExclusive: locks that even a reader waits for.
  init(_ link: Link, onlyExclusive: Bool = true, _ operation: Operation) {
    let sql = """
      SELECT l.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''),
        coalesce(pg_catalog.to_char(a.xact_start AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS "UTC"'), ''),
        pg_catalog.string_agg(DISTINCT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname), ', ')
      FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation AND c.oid >= 16384
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'relation' AND l.granted AND c.relkind <> 'i'
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
        \(onlyExclusive ? "AND l.mode = 'AccessExclusiveLock'" : "") AND l.pid <> pg_catalog.pg_backend_pid()
      GROUP BY 1, 2, 3, 4 ORDER BY 4, 1 LIMIT 5
      """
    do throws(DriverFailure) {
      let holders = try link.run(sql, operation: operation).rows.map { row in
        var details = ["user \(row[1] ?? "")"]
        if let application = row[2], !application.isEmpty { details.append("application \(application)") }
        if let since = row[3], !since.isEmpty { details.append("in a transaction since \(since)") }
        return "session \(row[0] ?? "") (\(details.joined(separator: ", "))) holds \(row[4] ?? "")"
      }
      words = holders.isEmpty ? nil : holders.joined(separator: "; ")
    } catch {
      // This is only extra information: the failure itself is what must be reported.
      words = nil
    }
  }
}

extension PostgreSQLConnection {
  /// Runs a body. If it fails because it could not get a lock, adds to the failure who holds locks.
  ///
  /// Only if the connection can still answer: not in a transaction that the failure has aborted.
  func namingHolders<R>(
    onlyExclusive: Bool = false, _ operation: Operation, _ body: () throws(DriverFailure) -> R
  ) throws(DriverFailure) -> R {
    do throws(DriverFailure) {
      return try body()
    } catch {
      var failure = error
      if failure.sqlState == "55P03", link.isIdle || link.isInTransaction,
        let words = LockHolders(link, onlyExclusive: onlyExclusive, operation).words
      {
        failure.hint = words
      }
      throw failure
    }
  }
}
