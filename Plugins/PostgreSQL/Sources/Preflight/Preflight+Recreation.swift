import BelayDriverKit

/// What this role cannot make again: in a copy, or when it puts the database back.
extension Preflight {
  /// Catalogs of what has an owner, and their columns of it.
  private static let owned = [
    ("pg_namespace", "nspowner"), ("pg_class", "relowner"), ("pg_proc", "proowner"), ("pg_type", "typowner"),
    ("pg_operator", "oprowner"), ("pg_opclass", "opcowner"), ("pg_opfamily", "opfowner"), ("pg_collation", "collowner"),
    ("pg_conversion", "conowner"), ("pg_language", "lanowner"), ("pg_statistic_ext", "stxowner"),
    ("pg_ts_config", "cfgowner"), ("pg_ts_dict", "dictowner"), ("pg_publication", "pubowner"),
    ("pg_foreign_data_wrapper", "fdwowner"), ("pg_foreign_server", "srvowner"), ("pg_event_trigger", "evtowner"),
  ]

  /// What goes with something else is not named by itself: a table's row type, a sequence of an identity column.
  private static func standsAlone(_ catalog: String) -> String {
    """
    o.oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = \(number(catalog))
      AND d.objid = o.oid AND d.objsubid = 0 AND d.deptype IN ('e', 'i', 'P'))
    """
  }

  private static func number(_ catalog: String) -> String { "'pg_catalog.\(catalog)'::pg_catalog.regclass" }

  func foreignOwners() throws(DriverFailure) -> [PreflightFinding] {
    guard !role.isSuperuser else { return [] }
    let all = Self.owned.map { catalog, owner in
      let isNamed =
        switch catalog {
        case "pg_class": " AND o.relkind IN ('r', 'p', 'v', 'm', 'S', 'f')"
        // Arrays go with their elements.
        case "pg_type": " AND NOT EXISTS (SELECT FROM pg_catalog.pg_type e WHERE e.typarray = o.oid)"
        default: ""
        }
      return """
        SELECT \(Self.number(catalog)) AS catalog, o.oid, o.\(owner) AS owner FROM pg_catalog.\(catalog) o
        WHERE \(Self.standsAlone(catalog)) AND NOT pg_catalog.pg_has_role(o.\(owner), 'USAGE')\(isNamed)
        """
    }
    let rows = try ask(
      "owners",
      """
      SELECT pg_catalog.pg_get_userbyid(f.owner), count(*), min(coalesce(
        (SELECT \(Self.shownName) FROM \(Self.userRelations)
          WHERE f.catalog = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = f.oid),
        pg_catalog.pg_describe_object(f.catalog, f.oid, 0)))
      FROM (\(all.joined(separator: " UNION ALL "))) f GROUP BY 1 ORDER BY 1
      """)
    return rows.map { row in
      let owner = row[0] ?? ""
      let count = row[1] ?? ""
      return PreflightFinding(
        .warning, rule: "foreign-owner", subject: row[2] ?? "",
        "belongs to \(owner)\(count == "1" ? "" : ", as \(count) objects do"): \(role.name) cannot alter it, nor put it back",
        hint: "GRANT \(SQLName.shown(owner)) TO \(role.quoted), or connect as \(owner)")
    }
  }

  /// What only a superuser can make, whoever owns it. Event triggers and extensions have findings of their own.
  func superusersOnly() throws(DriverFailure) -> [PreflightFinding] {
    guard !role.isSuperuser else { return [] }
    let sources = [
      ("pg_publication", "o.puballtables"), ("pg_foreign_data_wrapper", "true"),
      (
        "pg_proc",
        "o.prolang IN (SELECT l.oid FROM pg_catalog.pg_language l WHERE NOT l.lanpltrusted AND l.lanname <> 'sql')"
      ),
      ("pg_language", "NOT o.lanpltrusted"), ("pg_type", "o.typtype = 'b' AND o.typelem = 0"), ("pg_am", "true"),
      ("pg_ts_parser", "true"), ("pg_ts_template", "true"),
      (
        "pg_subscription",
        "o.subdbid = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())"
      ),
    ]
    let all = sources.map { catalog, condition in
      """
      SELECT pg_catalog.pg_describe_object(\(Self.number(catalog)), o.oid, 0) AS name FROM pg_catalog.\(catalog) o
      WHERE \(Self.standsAlone(catalog)) AND \(condition)
      """
    }
    let rows = try ask("what only superusers can make", all.joined(separator: " UNION ALL ") + " ORDER BY 1")
    return each(rows.map { $0[0] ?? "" }) { name in
      PreflightFinding(
        .warning, rule: "superuser-only", subject: name,
        "only a superuser can make it again: no copy of the database can be made by \(role.name), nor can it be put back",
        hint: "connect as a superuser")
    }
  }
}
