import BelayDriverKit

/// Which other sessions hold locks on tables of this database: for the message of whoever waited in vain.
struct LockHolders {
  /// "held by session 123 (user app, application psql) on public.t"; nil where nobody is found any more.
  let words: String?

  /// - Parameter onlyExclusive: locks that even a reader waits for.
  init(_ link: Link, onlyExclusive: Bool = true, _ operation: Operation) {
    let sql = """
      SELECT l.pid, coalesce(a.usename, ''), coalesce(a.application_name, ''),
        pg_catalog.string_agg(DISTINCT c.oid::pg_catalog.regclass::text, ', ')
      FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_class c ON c.oid = l.relation AND c.oid >= 16384
        LEFT JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
      WHERE l.locktype = 'relation' AND l.granted AND c.relkind <> 'i'
        AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
        \(onlyExclusive ? "AND l.mode = 'AccessExclusiveLock'" : "") AND l.pid <> pg_catalog.pg_backend_pid()
      GROUP BY 1, 2, 3 ORDER BY 1 LIMIT 5
      """
    do throws(DriverFailure) {
      let holders = try link.run(sql, operation: operation).rows.map { row in
        let application = (row[2] ?? "").isEmpty ? "" : ", application \(row[2] ?? "")"
        return "session \(row[0] ?? "") (user \(row[1] ?? "")\(application)) holds \(row[3] ?? "")"
      }
      words = holders.isEmpty ? nil : holders.joined(separator: "; ")
    } catch {
      // Who it was is only told beside the failure that is being told.
      words = nil
    }
  }
}
