import BelayDriverKit

/// A database's properties that are stored outside of it: owner, privileges, connection limit, settings, comment, labels,
/// and whether it is a template.
struct DatabaseProperties {
  private let server: Link
  private let operation: Operation
  /// The database's name as a literal.
  private let source: String

  /// - Parameter server: a link to any database of the server.
  init(of source: String, _ server: Link, _ operation: Operation) {
    self.server = server
    self.operation = operation
    self.source = SQLLiteral.quoted(source)
  }

  /// The statements that give all of them to another database.
  func all(for database: String) throws(DriverFailure) -> [String] {
    let name = SQLQuote.name(database)
    let reply = try server.run(
      """
      SELECT pg_catalog.pg_get_userbyid(datdba), datconnlimit, pg_catalog.shobj_description(oid, 'pg_database')
      FROM pg_catalog.pg_database WHERE datname = \(source)
      """, operation: operation)
    guard let row = reply.rows.first, let owner = row[0] else {
      throw DriverFailure(.notFound, "there is no database \(source)")
    }
    let statements = [
      "ALTER DATABASE \(name) OWNER TO \(SQLQuote.name(owner))",
      "ALTER DATABASE \(name) CONNECTION LIMIT \(row[1] ?? "-1")",
      "COMMENT ON DATABASE \(name) IS \(row[2].map { SQLLiteral.quoted($0) } ?? "NULL")",
    ]
    return try statements + privileges(for: name, owner) + settings(for: database) + outsideCatalog(for: database)
  }

  /// What the statements of a catalog do not give back: a copy that is a template could not be dropped.
  func outsideCatalog(for database: String) throws(DriverFailure) -> [String] {
    let name = SQLQuote.name(database)
    let differs = try server.run(
      """
      SELECT d.datistemplate FROM pg_catalog.pg_database d, pg_catalog.pg_database o
      WHERE d.datname = \(source) AND o.datname = \(SQLLiteral.quoted(database)) AND d.datistemplate <> o.datistemplate
      """, operation: operation)
    let template = differs.value.map { ["ALTER DATABASE \(name) IS_TEMPLATE \($0 == "t")"] } ?? []
    let labels = try server.run(
      """
      SELECT l.provider, l.label FROM pg_catalog.pg_shseclabel l JOIN pg_catalog.pg_database d ON d.oid = l.objoid
      WHERE l.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass AND d.datname = \(source) ORDER BY 1
      """, operation: operation)
    return template
      + labels.rows.compactMap { row in
        guard let provider = row[0], let label = row[1] else { return nil }
        return "SECURITY LABEL FOR \(SQLQuote.name(provider)) ON DATABASE \(name) IS \(SQLLiteral.quoted(label))"
      }
  }

  private func privileges(for name: String, _ owner: String) throws(DriverFailure) -> [String] {
    // Grants that other roles passed on come after the grants to these roles.
    let reply = try server.run(
      """
      SELECT CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(grantee)) END,
        privilege_type, is_grantable, pg_catalog.pg_get_userbyid(grantor)
      FROM pg_catalog.pg_database d
        CROSS JOIN LATERAL pg_catalog.aclexplode(coalesce(d.datacl, pg_catalog.acldefault('d', d.datdba)))
      WHERE datname = \(source) ORDER BY grantor <> d.datdba, NOT is_grantable, 1, 2
      """, operation: operation)
    var statements = [
      "REVOKE ALL ON DATABASE \(name) FROM PUBLIC",
      "REVOKE ALL ON DATABASE \(name) FROM \(SQLQuote.name(owner))",
    ]
    for row in reply.rows {
      let grant =
        "GRANT \(row[1] ?? "") ON DATABASE \(name) TO \(row[0] ?? "")" + (row[2] == "t" ? " WITH GRANT OPTION" : "")
      guard let grantor = row[3], grantor != owner else {
        statements.append(grant)
        continue
      }
      statements += ["SET LOCAL ROLE \(SQLQuote.name(grantor))", grant, "RESET ROLE"]
    }
    return statements
  }

  /// The statements that give its settings to another database.
  /// - Parameter onlySecret: only those that no backup contains.
  func settings(for database: String, onlySecret: Bool = false) throws(DriverFailure) -> [String] {
    let name = SQLQuote.name(database)
    let reply = try server.run(
      """
      SELECT CASE setrole WHEN 0 THEN NULL ELSE pg_catalog.pg_get_userbyid(setrole) END, s.setting
      FROM pg_catalog.pg_db_role_setting r
        CROSS JOIN LATERAL pg_catalog.unnest(r.setconfig) WITH ORDINALITY s (setting, number)
      WHERE setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = \(source))
        \(onlySecret ? "AND \(Fragments.isSecret("pg_catalog.split_part(s.setting, '=', 1)"))" : "")
      ORDER BY setrole, s.number
      """, operation: operation)
    return reply.rows.compactMap { row in
      guard let setting = row[1], let equals = setting.firstIndex(of: "=") else { return nil }
      let key = String(setting[..<equals])
      let value = Self.assigned(key, String(setting[setting.index(after: equals)...]))
      let whose = row[0].map { "ALTER ROLE \(SQLQuote.name($0)) IN DATABASE \(name)" }
      return "\(whose ?? "ALTER DATABASE \(name)") SET \(SQLQuote.name(key)) TO \(value)"
    }
  }

  /// Settings whose value is a list of names, each of them quoted.
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
