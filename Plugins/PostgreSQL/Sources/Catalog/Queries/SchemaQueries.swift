import BelayDriverKit

/// Schemas, extensions, languages, access methods, default privileges.
enum SchemaQueries {
  static let all = [schemas, droppedPublic, extensions, languages, accessMethods, defaultPrivileges]

  /// Every new database has a schema public, whose privileges differ from those of a schema that was just created.
  private static let schemas = ObjectQuery(
    catalog: "pg_namespace",
    kind: "'schema'",
    name: "n.nspname",
    definition: "'SCHEMA'",
    ddl: "format('CREATE SCHEMA %s%I;', CASE n.nspname WHEN 'public' THEN 'IF NOT EXISTS ' ELSE '' END, n.nspname)",
    target: "format('SCHEMA %I', n.nspname)",
    owner: "n.nspowner",
    granted: "format('SCHEMA %I', n.nspname)",
    acl: "CASE n.nspname WHEN 'public' THEN coalesce(n.nspacl, acldefault('n', n.nspowner)) ELSE n.nspacl END",
    initialACL: "CASE n.nspname WHEN 'public' THEN NULL ELSE acldefault('n', n.nspowner) END",
    from: "pg_namespace o \(Fragments.schema(of: "o.oid"))")

  /// A dump cannot express that schema public was dropped, and an empty database has one.
  private static let droppedPublic = ObjectQuery(
    catalog: "pg_namespace",
    oid: "0",
    kind: "'setting'",
    name: "'schema public'",
    definition: "'dropped'",
    ddl: "'DROP SCHEMA IF EXISTS public;'",
    flags: "\(ObjectFlags.outsideDump.rawValue)",
    from: "(SELECT) o WHERE NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = 'public')")

  /// Its version is part of it, because another version may read and write the data differently. A dump does not name it,
  /// and would create the server's default; so an older version is created before the dump is restored. A version that no
  /// script of the server creates any more cannot be restored: a copy gets the default, and counts as equal.
  private static let extensions = ObjectQuery(
    catalog: "pg_extension",
    kind: "'extension'",
    name: "o.extname",
    definition: "format('EXTENSION SCHEMA %I VERSION %L', e.nspname, v.version)",
    ddl: """
      CASE WHEN v.is_older THEN format('DO %L;', format('BEGIN IF EXISTS (SELECT FROM'
          || ' pg_catalog.pg_available_extension_versions WHERE name = %L AND version = %L) THEN CREATE SCHEMA IF NOT EXISTS'
          || ' %I; CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I VERSION %L; END IF; END', o.extname, o.extversion,
          e.nspname, o.extname, e.nspname, o.extversion))
        ELSE format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I VERSION %L;', o.extname, e.nspname, v.version) END
      """,
    flags: "CASE WHEN v.is_older THEN \(ObjectFlags.outsideDump.rawValue) ELSE 0 END",
    target: "format('EXTENSION %I', o.extname)",
    from: """
      pg_extension o JOIN pg_namespace e ON e.oid = o.extnamespace
      LEFT JOIN pg_available_extensions a ON a.name = o.extname
      CROSS JOIN LATERAL (SELECT w.made AND o.extversion <> a.default_version AS is_older,
          CASE WHEN w.made THEN o.extversion ELSE coalesce(a.default_version, o.extversion) END AS version
        FROM (SELECT EXISTS (SELECT FROM pg_available_extension_versions x
          WHERE x.name = o.extname AND x.version = o.extversion) AS made) w) v
      WHERE o.oid >= 16384
      """)

  private static let languages = ObjectQuery(
    catalog: "pg_language",
    kind: "'language'",
    name: "o.lanname",
    ddl: """
      format('CREATE %sLANGUAGE %I HANDLER %I.%I%s%s;', CASE WHEN o.lanpltrusted THEN 'TRUSTED ' ELSE '' END,
        o.lanname, hn.nspname, h.proname,
        (SELECT format(' INLINE %I.%I', n.nspname, p.proname) FROM pg_proc p JOIN pg_namespace n
          ON n.oid = p.pronamespace WHERE p.oid = o.laninline),
        (SELECT format(' VALIDATOR %I.%I', n.nspname, p.proname) FROM pg_proc p JOIN pg_namespace n
          ON n.oid = p.pronamespace WHERE p.oid = o.lanvalidator))
      """,
    target: "format('LANGUAGE %I', o.lanname)",
    owner: "o.lanowner",
    granted: "format('LANGUAGE %I', o.lanname)",
    acl: "o.lanacl",
    initialACL: "acldefault('l', o.lanowner)",
    from: """
      pg_language o
      JOIN pg_proc h ON h.oid = o.lanplcallfoid
      JOIN pg_namespace hn ON hn.oid = h.pronamespace
      WHERE o.lanispl AND \(Fragments.ofUsers)
      """)

  private static let accessMethods = ObjectQuery(
    catalog: "pg_am",
    kind: "'access_method'",
    name: "o.amname",
    ddl: """
      format('CREATE ACCESS METHOD %I TYPE %s HANDLER %I.%I;', o.amname,
        CASE o.amtype WHEN 'i' THEN 'INDEX' ELSE 'TABLE' END, hn.nspname, h.proname)
      """,
    target: "format('ACCESS METHOD %I', o.amname)",
    from: """
      pg_am o
      JOIN pg_proc h ON h.oid = o.amhandler
      JOIN pg_namespace hn ON hn.oid = h.pronamespace
      WHERE \(Fragments.ofUsers)
      """)

  /// Default privileges of objects that are created later: named after their owner and their kind.
  private static let defaultPrivileges = ObjectQuery(
    catalog: "pg_default_acl",
    kind: "'default_acl'",
    schema: "coalesce(n.nspname, '')",
    name: "format('%s of %s', k.plural, pg_get_userbyid(o.defaclrole))",
    ddl: """
      (SELECT string_agg(s.statement, E'\\n' ORDER BY s.place, s.statement) FROM (
        SELECT 0 AS place, format('%s REVOKE ALL ON %s FROM %s;', k.head, k.plural, who) AS statement
          FROM unnest(ARRAY['PUBLIC', quote_ident(pg_get_userbyid(o.defaclrole))]) who WHERE o.defaclnamespace = 0
        UNION ALL
        SELECT 1, format('%s GRANT %s ON %s TO %s%s;', k.head,
            string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type), k.plural,
            CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
            CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
          FROM aclexplode(o.defaclacl) a GROUP BY a.grantee, a.is_grantable
      ) s)
      """,
    from: """
      pg_default_acl o
      LEFT JOIN pg_namespace n ON n.oid = o.defaclnamespace
      CROSS JOIN LATERAL (SELECT
        CASE o.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
          WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' WHEN 'L' THEN 'LARGE OBJECTS' END AS plural,
        format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s', pg_get_userbyid(o.defaclrole),
          (SELECT format(' IN SCHEMA %I', n.nspname) WHERE o.defaclnamespace <> 0)) AS head) k
      """)
}
