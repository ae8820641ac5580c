import BelayDriverKit
import CPostgreSQL

/// What all databases of a server share. A statement that belay can read, it refuses beforehand; what a DO block or a
/// function does is found here, before the transaction commits it.
extension PostgreSQLConnection: SurroundingsReading {
  func surroundings(operation: Operation) throws(DriverFailure) -> [SharedObject] {
    let catalogs = SharedCatalog.all(Int(PQserverVersion(link.handle)))
    let superuser = "SELECT pg_catalog.current_setting('is_superuser') = 'on'"
    let seesPasswords = try link.run(superuser, operation: operation).isTrue
    let parts = catalogs.map { $0.objects(seesPasswords: seesPasswords) }
    let written = try writtenShared(catalogs, operation)
    var found: [SharedObject] = []
    for row in try link.run(parts.joined(separator: " UNION ALL "), operation: operation).rows {
      guard let kind = row[0], let name = row[1] else { continue }
      found.append(
        SharedObject(kind: kind, name: name, definition: row[2] ?? "", isWritten: written[kind] ?? true))
    }
    for catalog in catalogs {
      found.append(
        SharedObject(kind: catalog.kind, name: "", definition: "", isWritten: written[catalog.kind] ?? true))
    }
    return found
  }

  /// Whether the open transaction has written each of them; empty where the server does not count.
  private func writtenShared(
    _ catalogs: [SharedCatalog], _ operation: Operation
  ) throws(DriverFailure) -> [String: Bool] {
    guard link.isInTransaction, try countsRows(operation) else { return [:] }
    let counts = try sharedCounters(operation)
    return Dictionary(
      catalogs.map { ($0.kind, counts[$0.catalog, default: 0] > sharedAtBegin[$0.catalog, default: 0]) },
      uniquingKeysWith: { first, _ in first })
  }

  /// Rows written since the server was told last, by catalog.
  func sharedCounters(_ operation: Operation) throws(DriverFailure) -> [String: Int64] {
    let names = SharedCatalog.all(Int(PQserverVersion(link.handle))).map { "('\($0.catalog)')" }
    let reply = try link.run(
      """
      SELECT c.name, pg_catalog.pg_stat_get_xact_tuples_inserted(c.oid)
        + pg_catalog.pg_stat_get_xact_tuples_updated(c.oid) + pg_catalog.pg_stat_get_xact_tuples_deleted(c.oid)
      FROM (SELECT v.name, ('pg_catalog.' || v.name)::pg_catalog.regclass::pg_catalog.oid AS oid
        FROM (VALUES \(names.joined(separator: ", "))) v(name)) c
      """, operation: operation)
    return Dictionary(
      reply.rows.compactMap { row in row[0].map { ($0, row[1].flatMap { Int64($0) } ?? 0) } },
      uniquingKeysWith: { first, _ in first })
  }
}

/// One catalog that all databases share.
private struct SharedCatalog {
  let kind: String
  let catalog: String
  private let name: String
  private let definition: String
  private let from: String

  private init(
    _ kind: String, _ catalog: String, name: String, definition: String, from: String? = nil
  ) {
    (self.kind, self.catalog, self.name, self.definition) = (kind, catalog, name, definition)
    self.from = from ?? "pg_catalog.\(catalog) o"
  }

  /// Kind, name and definition of each object.
  func objects(seesPasswords: Bool) -> String {
    var definition = definition
    var from = from
    if catalog == "pg_authid", !seesPasswords {
      from = "pg_catalog.pg_roles o"
      definition = Self.role(password: "''")
    }
    return "SELECT '\(kind)', (\(name))::text, (\(definition))::text FROM \(from)"
  }

  static func all(_ version: Int) -> [SharedCatalog] {
    var all = [
      SharedCatalog("role", "pg_authid", name: "o.rolname", definition: role(password: hiddenPassword)),
      SharedCatalog(
        "membership", "pg_auth_members",
        name: "pg_catalog.format('of %I in %I', pg_catalog.pg_get_userbyid(o.member), "
          + "pg_catalog.pg_get_userbyid(o.roleid))",
        definition: version >= 160000
          ? "pg_catalog.concat_ws(' ', o.grantor, o.admin_option, o.inherit_option, o.set_option)"
          : "pg_catalog.concat_ws(' ', o.grantor, o.admin_option)"),
      SharedCatalog(
        "tablespace", "pg_tablespace", name: "o.spcname",
        definition: "pg_catalog.concat_ws(' ', o.spcowner, o.spcacl, o.spcoptions)"),
      SharedCatalog(
        "database", "pg_database", name: "o.datname",
        definition: """
          pg_catalog.concat_ws(' ', o.datdba, o.datistemplate, o.datallowconn, o.datconnlimit, o.datacl)
          """,
        from: "pg_catalog.pg_database o WHERE o.oid <> \(this) AND o.datname !~ '^belay_'"),
      SharedCatalog(
        "setting", "pg_db_role_setting",
        name: """
          pg_catalog.concat_ws(' ', CASE WHEN o.setrole <> 0 THEN 'of role '
            || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(o.setrole)) ELSE 'of all roles' END,
            (SELECT 'in database ' || pg_catalog.quote_ident(d.datname) FROM pg_catalog.pg_database d
              WHERE d.oid = o.setdatabase))
          """,
        definition: checksum("o.setconfig::text"),
        from: """
          pg_catalog.pg_db_role_setting o LEFT JOIN pg_catalog.pg_database b ON b.oid = o.setdatabase
          WHERE o.setdatabase <> \(this) AND (b.datname IS NULL OR b.datname !~ '^belay_')
          """),
      described("comment", "pg_shdescription", "o.description"),
      described("security label", "pg_shseclabel", "o.provider || ' ' || o.label"),
    ]
    if version >= 150000 {
      all.append(
        SharedCatalog("parameter", "pg_parameter_acl", name: "o.parname", definition: "o.paracl"))
    }
    return all
  }

  /// A database of belay's own comes and goes beside the one that is migrated.
  private static func described(_ kind: String, _ catalog: String, _ text: String) -> SharedCatalog {
    SharedCatalog(
      kind, catalog, name: "'on ' || coalesce(pg_catalog.pg_describe_object(o.classoid, o.objoid, 0), '')",
      definition: text,
      from: """
        pg_catalog.\(catalog) o LEFT JOIN pg_catalog.pg_database b
          ON o.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass AND b.oid = o.objoid
        WHERE b.oid IS NULL OR (b.oid <> \(this) AND b.datname !~ '^belay_')
        """)
  }

  private static let this =
    "(SELECT t.oid FROM pg_catalog.pg_database t WHERE t.datname = pg_catalog.current_database())"

  private static func role(password: String) -> String {
    """
    pg_catalog.concat_ws(' ', o.rolsuper, o.rolinherit, o.rolcreaterole, o.rolcreatedb, o.rolcanlogin, o.rolreplication,
      o.rolbypassrls, o.rolconnlimit, o.rolvaliduntil, \(password))
    """
  }

  /// 16 bits: a change is seen, and there are too few to try passwords against.
  private static func checksum(_ text: String) -> String {
    "pg_catalog.\"left\"(pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to('belay' || \(text), 'UTF8')), 'hex'), 4)"
  }

  private static let hiddenPassword = checksum("coalesce(o.rolpassword, '')")
}
