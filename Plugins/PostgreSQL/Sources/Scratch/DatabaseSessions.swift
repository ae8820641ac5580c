import BelayDriverKit
import CPostgreSQL

/// The sessions in some databases of a server, seen from another one.
struct DatabaseSessions {
  private let condition: String
  private let server: Link

  /// - Parameter databases: their oids.
  init(in databases: [String], _ server: Link) {
    condition = "a.datid IN (\(databases.joined(separator: ", ")))"
    self.server = server
  }

  /// Whether this role may end a session. Workers of autovacuum have no role; a rename ends them by itself.
  private static let mayEnd = """
    (pg_catalog.current_setting('is_superuser') = 'on' OR a.usesysid IS NULL
      OR NOT u.rolsuper AND (pg_catalog.pg_has_role(a.usesysid, 'USAGE')
        OR pg_catalog.pg_has_role('pg_signal_backend', 'USAGE')))
    """

  private func from(_ end: String) -> String {
    "FROM pg_catalog.pg_stat_activity a LEFT JOIN pg_catalog.pg_roles u ON u.oid = a.usesysid WHERE \(condition) \(end)"
  }

  /// Ends them.
  /// - Returns: how many there were.
  func end(_ operation: Operation) throws(DriverFailure) -> Int {
    try server.run(
      """
      SELECT CASE WHEN a.usesysid IS NOT NULL OR pg_catalog.current_setting('is_superuser') = 'on'
        THEN pg_catalog.pg_terminate_backend(a.pid) END \(from("AND \(Self.mayEnd)"))
      """, operation: operation
    ).rows.count
  }

  /// "session 123 of postgres (psql)" for those that this role may not end, or for all.
  func described(onlyUntouchable: Bool, _ operation: Operation) throws(DriverFailure) -> [String] {
    try server.run(
      """
      SELECT a.pid, coalesce(a.usename, a.backend_type), coalesce(a.application_name, '')
      \(from(onlyUntouchable ? "AND NOT \(Self.mayEnd)" : "")) ORDER BY a.pid LIMIT 10
      """, operation: operation
    ).rows.map { row in
      let application = (row[2] ?? "").isEmpty ? "" : " (\(row[2] ?? ""))"
      return "session \(row[0] ?? "") of \(row[1] ?? "")\(application)"
    }
  }
}
