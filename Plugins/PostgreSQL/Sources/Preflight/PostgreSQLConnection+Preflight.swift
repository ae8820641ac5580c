import BelayDriverKit

extension PostgreSQLConnection: PreflightChecking {
  func checkPreflight(_ needs: PreflightNeeds, operation: Operation) throws(DriverFailure) -> [PreflightFinding] {
    try shapeForReading(operation)
    let preflight = Preflight(
      link: link, role: try PreflightRole(link, operation), needs: needs, operation: operation,
      keepingTransaction: { (body) throws(DriverFailure) in try self.readingCatalog(operation, body) })
    return try clientTools(needs, operation) + preflight.findings()
  }

  /// pg_dump and pg_restore that fit the server, or else the package that provides them.
  private func clientTools(_ needs: PreflightNeeds, _ operation: Operation) throws(DriverFailure) -> [PreflightFinding]
  {
    guard !needs.isEmpty else { return [] }
    do throws(DriverFailure) {
      try probeSnapshot(operation)
      return []
    } catch {
      guard error.code == .unsupported else { throw error }
      return [
        PreflightFinding(
          .error, rule: "client-tools", error.message, hint: error.hint.isEmpty ? nil : error.hint)
      ]
    }
  }
}

/// The session's role and its privileges.
struct PreflightRole {
  var name: String
  var isSuperuser: Bool
  var createsDatabases: Bool
  var ownsDatabase: Bool
  /// Connections that the role and the database still allow; nil: no limit of their own.
  var ownLimit: Int?
  var version: Int
  var database: String

  init(_ link: Link, _ operation: Operation) throws(DriverFailure) {
    let row =
      try link.run(
        """
        SELECT r.rolname, r.rolsuper, r.rolcreatedb OR r.rolsuper,
          pg_catalog.pg_has_role(d.datdba, 'USAGE'),
          least(CASE WHEN r.rolconnlimit >= 0 AND NOT r.rolsuper THEN r.rolconnlimit - (SELECT count(*)
              FROM pg_catalog.pg_stat_activity a WHERE a.usename = r.rolname) END,
            CASE WHEN d.datconnlimit >= 0 AND NOT r.rolsuper THEN d.datconnlimit - (SELECT count(*)
              FROM pg_catalog.pg_stat_activity a WHERE a.datname = d.datname) END),
          pg_catalog.current_setting('server_version_num'), d.datname
        FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
        WHERE r.rolname = current_user AND d.datname = pg_catalog.current_database()
        """, operation: operation
      ).rows.first ?? []
    func text(_ index: Int) -> String { index < row.count ? row[index] ?? "" : "" }
    name = text(0)
    isSuperuser = text(1) == "t"
    createsDatabases = text(2) == "t"
    ownsDatabase = text(3) == "t"
    ownLimit = Int(text(4))
    version = Int(text(5)) ?? 0
    database = text(6)
  }

  /// As it is typed.
  var quoted: String { SQLName.shown(name) }
  var quotedDatabase: String { SQLName.shown(database) }
}
