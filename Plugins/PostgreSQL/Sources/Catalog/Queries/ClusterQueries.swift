import BelayDriverKit

/// What a dump of the database does not contain: roles, the database itself, its settings.
enum ClusterQueries {
  static let all = [roles, database, settings]

  /// Roles that own something here or have privileges. pg_shdepend does not record the role that initdb created.
  private static let roles = ObjectQuery(
    catalog: "pg_authid",
    kind: "'role'",
    name: "o.rolname",
    definition: "'ROLE'",
    ddl: """
      format('DO %L;', format('BEGIN IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = %L) THEN '
        'CREATE ROLE %I NOLOGIN; END IF; END', o.rolname, o.rolname))
      """,
    flags: "\(ObjectFlags.outsideDump.rawValue)",
    from: """
      pg_roles o
      WHERE o.rolname !~ '^pg_' AND (
        o.oid IN (SELECT s.refobjid FROM pg_shdepend s WHERE s.refclassid = 'pg_authid'::regclass AND s.dbid =
          (SELECT oid FROM pg_database WHERE datname = current_database()))
        OR o.oid = (SELECT datdba FROM pg_database WHERE datname = current_database())
        OR o.oid IN (SELECT a.grantee FROM pg_database d, aclexplode(d.datacl) a WHERE d.datname = current_database())
        OR o.oid IN (SELECT s.setrole FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
          WHERE d.datname = current_database())
        OR EXISTS (SELECT FROM pg_class c WHERE c.relowner = o.oid AND c.oid >= 16384)
        OR EXISTS (SELECT FROM pg_proc p WHERE p.proowner = o.oid AND p.oid >= 16384))
      """)

  /// Placeholder in statements for the database in which they run.
  static let databaseMark = "DATABASE \"belay: this database\""

  /// A scratch database whose limit nobody has changed counts as one without a limit.
  private static let connectionLimit =
    "CASE o.datconnlimit WHEN \(ScratchCreation.unadornedLimit) THEN -1 ELSE o.datconnlimit END"

  /// Comments on shared objects are in a catalog of their own. The comment that marks a scratch database does not
  /// count.
  private static let databaseComment = """
    'COMMENT ON \(databaseMark) IS ' || (SELECT quote_literal(c) FROM shobj_description(o.oid, 'pg_database') c
      WHERE NOT starts_with(c, '\(ScratchCreation.comment)')) || ';'
    """

  /// The reader wraps its statements so that they name the database in which they run.
  private static let database = ObjectQuery(
    catalog: "pg_database",
    kind: "'database'",
    name: "'database'",
    definition: "concat_ws(E'\\n', format('CONNECTION LIMIT %s', \(connectionLimit)), \(databaseComment))",
    ddl: """
      concat_ws(E'\\n', format('ALTER \(databaseMark) CONNECTION LIMIT %s;', \(connectionLimit)), \(databaseComment))
      """,
    flags: "\(ObjectFlags.outsideDump.rawValue)",
    target: "'\(databaseMark)'",
    owner: "o.datdba",
    granted: "'\(databaseMark)'",
    acl: "o.datacl",
    initialACL: "acldefault('d', o.datdba)",
    from: "pg_database o WHERE o.datname = current_database()")

  /// Lists of names are written as they are stored, each name quoted: one literal for all would be a single name.
  private static let settings = ObjectQuery(
    catalog: "pg_db_role_setting",
    oid: "0",
    kind: "'setting'",
    name: "s.name",
    parent: "coalesce(r.rolname, '')",
    definition: """
      CASE WHEN \(Fragments.isSecret("s.name"))
        THEN format('hidden value (%s)', \(Fragments.checksum("i"))) ELSE s.value END
      """,
    ddl: """
      CASE WHEN \(Fragments.isSecret("s.name")) THEN '' ELSE
        format('DO %L;', format('BEGIN EXECUTE pg_catalog.format(%L, pg_catalog.current_database()); END', format(
          CASE WHEN r.rolname IS NULL THEN 'ALTER DATABASE %%I ' ELSE 'ALTER ROLE %1$I IN DATABASE %%I ' END
          || 'SET %2$s TO %3$s', replace(r.rolname, '%', '%%'),
          (SELECT string_agg(replace(quote_ident(w), '%', '%%'), '.') FROM unnest(string_to_array(s.name, '.')) w),
          replace(CASE
            WHEN s.name NOT IN ('search_path', 'temp_tablespaces', 'local_preload_libraries',
              'session_preload_libraries') THEN quote_literal(s.value)
            WHEN s.value IN ('', '""') THEN '''''' ELSE s.value END, '%', '%%')))) END
      """,
    flags: "\(ObjectFlags.outsideDump.rawValue)",
    from: """
      pg_db_role_setting o
      JOIN pg_database d ON d.oid = o.setdatabase AND d.datname = current_database()
      LEFT JOIN pg_roles r ON r.oid = o.setrole
      CROSS JOIN LATERAL unnest(o.setconfig) i
      CROSS JOIN LATERAL (SELECT split_part(i, '=', 1) AS name, substr(i, strpos(i, '=') + 1) AS value) s
      """)
}
