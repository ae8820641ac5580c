import BelayDriverKit

/// What a database has that lies outside of it: owner, privileges, connection limit, settings, comment.
struct DatabaseProperties {
  /// The statements that give another database what `source` has, for a link to any database of the server.
  static func carrying(
    from source: String, to scratch: String, _ server: Link, _ operation: Operation
  ) throws(DriverFailure) -> [String] {
    let (from, name) = (SQLLiteral.quoted(source), PostgreSQLConnection.quoted(scratch))
    let reply = try server.run(
      """
      SELECT pg_catalog.pg_get_userbyid(datdba), datconnlimit, datallowconn, datacl IS NULL,
        pg_catalog.shobj_description(oid, 'pg_database')
      FROM pg_catalog.pg_database WHERE datname = \(from)
      """, operation: operation)
    guard let row = reply.rows.first, let owner = row[0] else {
      throw DriverFailure(.notFound, "there is no database \(source)")
    }
    var statements = [
      "ALTER DATABASE \(name) OWNER TO \(PostgreSQLConnection.quoted(owner))",
      "ALTER DATABASE \(name) CONNECTION LIMIT \(row[1] ?? "-1")",
      "COMMENT ON DATABASE \(name) IS \(row[4].map { SQLLiteral.quoted($0) } ?? "NULL")",
    ]
    if row[2] == "f" { statements.append("ALTER DATABASE \(name) ALLOW_CONNECTIONS false") }
    statements += try privileges(from, name, owner, isDefault: row[3] == "t", server, operation)
    statements += try settings(from, name, server, operation)
    return statements
  }

  private static func privileges(
    _ source: String, _ name: String, _ owner: String, isDefault: Bool, _ server: Link, _ operation: Operation
  ) throws(DriverFailure) -> [String] {
    var statements = [
      "REVOKE ALL ON DATABASE \(name) FROM PUBLIC",
      "REVOKE ALL ON DATABASE \(name) FROM \(PostgreSQLConnection.quoted(owner))",
    ]
    let grantees =
      isDefault
      ? """
      SELECT grantee, privilege_type, is_grantable, grantor FROM pg_catalog.pg_database d
        CROSS JOIN LATERAL pg_catalog.aclexplode(pg_catalog.acldefault('d', d.datdba)) WHERE datname = \(source)
      """
      : """
      SELECT grantee, privilege_type, is_grantable, grantor FROM pg_catalog.pg_database d
        CROSS JOIN LATERAL pg_catalog.aclexplode(d.datacl) WHERE datname = \(source)
      """
    // What others have granted further comes after what they were granted.
    let reply = try server.run(
      """
      SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(grantee)) END,
        privilege_type, is_grantable, pg_catalog.pg_get_userbyid(grantor)
      FROM (\(grantees)) a ORDER BY pg_catalog.pg_get_userbyid(grantor) <> \(SQLLiteral.quoted(owner)), NOT is_grantable, 1, 2
      """, operation: operation)
    for row in reply.rows {
      let grant =
        "GRANT \(row[1] ?? "") ON DATABASE \(name) TO \(row[0] ?? "")" + (row[2] == "t" ? " WITH GRANT OPTION" : "")
      guard let grantor = row[3], grantor != owner else {
        statements.append(grant)
        continue
      }
      statements += ["SET LOCAL ROLE \(PostgreSQLConnection.quoted(grantor))", grant, "RESET ROLE"]
    }
    return statements
  }

  private static func settings(
    _ source: String, _ name: String, _ server: Link, _ operation: Operation
  ) throws(DriverFailure) -> [String] {
    let reply = try server.run(
      """
      SELECT CASE setrole WHEN 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(setrole) END, s.setting
      FROM pg_catalog.pg_db_role_setting r CROSS JOIN LATERAL pg_catalog.unnest(r.setconfig) WITH ORDINALITY s (setting, number)
      WHERE setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = \(source)) ORDER BY setrole, s.number
      """, operation: operation)
    return reply.rows.compactMap { row in
      guard let setting = row[1], let equals = setting.firstIndex(of: "=") else { return nil }
      let key = String(setting[..<equals])
      let value = assigned(key, String(setting[setting.index(after: equals)...]))
      let whose = row[0].map { "ALTER ROLE \(PostgreSQLConnection.quoted($0)) IN DATABASE \(name)" }
      return "\(whose ?? "ALTER DATABASE \(name)") SET \(PostgreSQLConnection.quoted(key)) TO \(value)"
    }
  }

  /// Settings whose value is a list of names, each quoted by itself.
  private static let lists: Set<String> = [
    "local_preload_libraries", "oauth_validator_libraries", "search_path", "session_preload_libraries",
    "shared_preload_libraries", "temp_tablespaces", "unix_socket_directories",
  ]

  private static func assigned(_ key: String, _ value: String) -> String {
    guard lists.contains(key) else { return SQLLiteral.quoted(value) }
    var names: [String] = []
    var rest = Substring(value)
    while !rest.isEmpty {
      rest = rest.drop { $0 == " " || $0 == "," }
      if rest.isEmpty { break }
      var name = ""
      if rest.first == "\"" {
        rest = rest.dropFirst()
        while let character = rest.popFirst() {
          if character == "\"" {
            guard rest.first == "\"" else { break }
            rest = rest.dropFirst()
          }
          name.append(character)
        }
      } else {
        name = String(rest.prefix { $0 != "," })
        rest = rest.dropFirst(name.count)
        while name.last == " " { name.removeLast() }
      }
      names.append(SQLLiteral.quoted(name))
    }
    return names.isEmpty ? "''" : names.joined(separator: ", ")
  }
}
