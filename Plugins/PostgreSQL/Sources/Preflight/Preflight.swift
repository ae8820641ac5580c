import BelayDriverKit

/// Looks for everything that would make a run fail, one subject after another. Changes nothing.
struct Preflight {
  /// If one rule has more subjects than this, the rest are only counted.
  private static let mostNamed = 10

  let link: Link
  let role: PreflightRole
  let needs: PreflightNeeds
  let operation: Operation
  let keepingTransaction: (() throws(DriverFailure) -> Reply) throws(DriverFailure) -> Reply

  func findings() throws(DriverFailure) -> [PreflightFinding] {
    guard role.version >= 130000 else {
      return [
        PreflightFinding(
          .error, rule: "server-version", "PostgreSQL \(role.version / 10000) is too old: belay needs 13 or newer",
          hint: "upgrade the server; until then, back it up with its own pg_dump")
      ]
    }
    var found: [PreflightFinding] = []
    if needs.contains(.dump) { found += try unreadable() + rowSecurity() + largeObjects() + unlogged() }
    if needs.contains(.scratch) { found += try scratch() + extensions() + boundToDatabase() }
    if needs.contains(.scratch) || needs.contains(.write) {
      found += try foreignOwners() + superusersOnly() + eventTriggers()
    }
    if needs.contains(.write) { found += try writing() + locks() + archiving() }
    return try found + connections() + longTransactions() + preparedTransactions() + replicationSlots()
  }

  /// Runs a query; a missing privilege is no reason to stop.
  func ask(_ what: String, _ sql: String) throws(DriverFailure) -> [[String?]] {
    do throws(DriverFailure) {
      return try keepingTransaction { () throws(DriverFailure) in try link.run(sql, operation: operation) }.rows
    } catch {
      guard error.code == .denied || error.code == .unsupported else { throw error }
      operation.log(.info, "\(what) could not be checked as \(role.name): \(error.message)")
      return []
    }
  }

  /// One finding for each subject; if there are many, the first ones and the number of the rest.
  func each(_ subjects: [String], _ finding: (String) -> PreflightFinding) -> [PreflightFinding] {
    var found = subjects.prefix(Self.mostNamed).map(finding)
    let rest = subjects.count - found.count
    if rest > 0, var last = found.last {
      last.subject = "\(rest) more"
      found.append(last)
    }
    return found
  }

  /// Tables and views of users, as `n` and `c`.
  static let userRelations = """
    pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    """
  static let shownName = "pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)"

  // MARK: Rights

  private func unreadable() throws(DriverFailure) -> [PreflightFinding] {
    guard !role.isSuperuser else { return [] }
    let rows = try ask(
      "what may be read",
      """
      SELECT \(Self.shownName), c.relkind, pg_catalog.quote_ident(n.nspname),
        pg_catalog.has_schema_privilege(n.oid, 'USAGE')
      FROM \(Self.userRelations)
      WHERE c.relkind IN ('r', 'p', 'S', 'm') AND NOT (pg_catalog.has_schema_privilege(n.oid, 'USAGE')
        AND CASE WHEN c.relkind = 'S' THEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT')
          ELSE pg_catalog.has_table_privilege(c.oid, 'SELECT') END)
      ORDER BY 1
      """)
    let schemas = Dictionary(rows.map { ($0[0] ?? "", $0) }, uniquingKeysWith: { first, _ in first })
    return each(rows.map { $0[0] ?? "" }) { name in
      let row = schemas[name]
      let schema = row?[2] ?? ""
      let what = row?[1] == "S" ? "SEQUENCES" : "TABLES"
      let hint =
        row?[3] == "t"
        ? "GRANT SELECT ON ALL \(what) IN SCHEMA \(schema) TO \(role.quoted)"
        : "GRANT USAGE ON SCHEMA \(schema) TO \(role.quoted)"
      return PreflightFinding(
        .error, rule: "unreadable", subject: name, "\(role.name) may not read it, so a backup would not contain it",
        hint: hint)
    }
  }

  private func rowSecurity() throws(DriverFailure) -> [PreflightFinding] {
    let rows = try ask(
      "row-level security",
      """
      SELECT \(Self.shownName), c.relforcerowsecurity FROM \(Self.userRelations)
      WHERE c.relrowsecurity AND pg_catalog.row_security_active(c.oid) ORDER BY 1
      """)
    return each(rows.map { $0[0] ?? "" }) { name in
      PreflightFinding(
        .error, rule: "row-security", subject: name,
        "its policies hide rows from \(role.name), so a backup would not contain all of them",
        hint: "ALTER ROLE \(role.quoted) BYPASSRLS, or connect as a superuser or as the owner (without FORCE)")
    }
  }

  private func unlogged() throws(DriverFailure) -> [PreflightFinding] {
    let rows = try ask(
      "unlogged tables",
      """
      SELECT \(Self.shownName) FROM \(Self.userRelations)
      WHERE c.relkind = 'r' AND c.relpersistence = 'u' AND pg_catalog.pg_is_in_recovery() ORDER BY 1
      """)
    return each(rows.map { $0[0] ?? "" }) { name in
      PreflightFinding(
        .warning, rule: "unlogged", subject: name,
        "is unlogged, and this server is a standby, which cannot read it: the backup holds the table without its rows",
        hint: "back up from the primary where the rows matter")
    }
  }

  private func largeObjects() throws(DriverFailure) -> [PreflightFinding] {
    guard !role.isSuperuser else { return [] }
    let rows = try ask(
      "large objects",
      """
      SELECT count(*) FROM pg_catalog.pg_largeobject_metadata m
      WHERE NOT pg_catalog.pg_has_role(m.lomowner, 'USAGE') HAVING count(*) > 0
      """)
    return rows.map { row in
      PreflightFinding(
        .warning, rule: "large-objects", "\(row[0] ?? "") large objects belong to other roles and may not be readable",
        hint: "connect as their owner or as a superuser")
    }
  }

  private func eventTriggers() throws(DriverFailure) -> [PreflightFinding] {
    // Of a copy nobody's statements are watched.
    guard !role.isSuperuser || needs.contains(.write) else { return [] }
    let rows = try ask(
      "event triggers", "SELECT evtname, evtevent FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' ORDER BY 1")
    return rows.map { row in
      PreflightFinding(
        role.isSuperuser ? .note : .warning, rule: "event-trigger", subject: row[0] ?? "",
        role.isSuperuser
          ? "runs whenever the schema changes (\(row[1] ?? "")), also during this run"
          : "runs whenever the schema changes, and only a superuser can restore it",
        hint: role.isSuperuser ? nil : "connect as a superuser")
    }
  }

  // MARK: Scratch

  private func scratch() throws(DriverFailure) -> [PreflightFinding] {
    if !role.createsDatabases {
      return [
        PreflightFinding(
          .warning, rule: "no-createdb",
          "\(role.name) may not create databases: there is no rehearsal, backups are verified only by reading them, "
            + "and rollback restores in place, in one transaction",
          hint: "ALTER ROLE \(role.quoted) CREATEDB")
      ]
    }
    guard !role.ownsDatabase else { return [] }
    return [
      PreflightFinding(
        .warning, rule: "not-database-owner",
        "\(role.name) does not own the database, so a restored copy cannot be swapped in: rollback restores in place, "
          + "in one transaction",
        hint: "ALTER DATABASE \(role.quotedDatabase) OWNER TO \(role.quoted)")
    ]
  }

  private func extensions() throws(DriverFailure) -> [PreflightFinding] {
    let rows = try ask(
      "extensions",
      """
      SELECT e.extname, e.extversion, a.name, a.default_version, EXISTS (
        SELECT FROM pg_catalog.pg_available_extension_versions v WHERE v.name = e.extname AND v.version = e.extversion),
        coalesce((SELECT v.superuser AND NOT v.trusted FROM pg_catalog.pg_available_extension_versions v
          WHERE v.name = e.extname AND v.version = a.default_version), false)
      FROM pg_catalog.pg_extension e LEFT JOIN pg_catalog.pg_available_extensions a ON a.name = e.extname
      WHERE e.extname <> 'plpgsql' ORDER BY 1
      """)
    return rows.compactMap { row in
      let name = row[0] ?? ""
      guard row[2] != nil else {
        return PreflightFinding(
          .error, rule: "extension-missing", subject: name,
          "the server no longer has the files of this extension, so no copy of the database can be made",
          hint: "install its package on the server, or DROP EXTENSION \(SQLName.shown(name))")
      }
      if row[5] == "t", !role.isSuperuser {
        return PreflightFinding(
          .warning, rule: "extension-superuser", subject: name,
          "only a superuser can create this extension in a copy of the database", hint: "connect as a superuser")
      }
      guard row[1] != row[3] else { return nil }
      return PreflightFinding(
        .warning, rule: "extension-version", subject: name,
        row[4] == "t"
          ? "has version \(row[1] ?? ""), older than the server's \(row[3] ?? ""), which pg_restore without belay would create"
          : "has version \(row[1] ?? ""), which the server cannot create any more: a restored copy gets \(row[3] ?? "")",
        hint: "ALTER EXTENSION \(SQLName.shown(name)) UPDATE")
    }
  }

  /// What is tied to the database itself and not to its name: a swap leaves it behind.
  private func boundToDatabase() throws(DriverFailure) -> [PreflightFinding] {
    let slots = try ask(
      "replication slots",
      """
      SELECT slot_name FROM pg_catalog.pg_replication_slots
      WHERE slot_type = 'logical' AND database = pg_catalog.current_database() ORDER BY 1
      """)
    let subscriptions = try ask(
      "subscriptions",
      """
      SELECT s.subname FROM pg_catalog.pg_subscription s
      WHERE s.subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) ORDER BY 1
      """)
    return slots.map { row in
      PreflightFinding(
        .warning, rule: "logical-slot", subject: row[0] ?? "",
        "this slot is tied to the current database: if rollback swaps the database, the slot's reader must start over",
        hint:
          "warn whoever reads it, or drop it first: SELECT pg_drop_replication_slot(\(SQLLiteral.quoted(row[0] ?? "")))"
      )
    }
      + subscriptions.map { row in
        PreflightFinding(
          .warning, rule: "subscription", subject: row[0] ?? "",
          "this subscription is tied to the current database: a restored copy loses its position in the stream",
          hint: "ALTER SUBSCRIPTION \(SQLName.shown(row[0] ?? "")) DISABLE during the run")
      }
  }
}
