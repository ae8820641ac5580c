import BelayDriverKit

/// Views and materialized views, their columns' comments and grants, and rules.
enum ViewQueries {
  static func all(_ version: Int) -> [ObjectQuery] {
    [views, materializedViews(version), columns, rules]
  }

  private static let select = "rtrim(pg_get_viewdef(o.oid), ';')"

  /// A stub has the same columns, all NULL, and is replaced later.
  private static let views = ObjectQuery(
    catalog: "pg_class",
    kind: "'view'",
    schema: "n.nspname",
    name: "o.relname",
    ddl: """
      format(E'CREATE OR REPLACE VIEW %I.%I%s AS\\n%s;', n.nspname, o.relname,
        ' WITH (' || \(Fragments.options("o.reloptions")) || ')', \(select))
      """,
    target: "format('VIEW %I.%I', n.nspname, o.relname)",
    owner: "o.relowner",
    granted: "format('TABLE %I.%I', n.nspname, o.relname)",
    acl: "o.relacl",
    initialACL: "acldefault('r', o.relowner)",
    stub: """
      format('CREATE VIEW %I.%I AS SELECT %s;', n.nspname, o.relname,
        (SELECT string_agg(format('NULL::%s%s AS %I', format_type(a.atttypid, a.atttypmod),
          \(Fragments.collation("a.attcollation", type: "a.atttypid")), a.attname), ', ' ORDER BY a.attnum)
          FROM pg_attribute a WHERE a.attrelid = o.oid AND a.attnum > 0 AND NOT a.attisdropped))
      """,
    stubTypes: """
      (SELECT string_agg(a.atttypid::text, ' ') FROM pg_attribute a WHERE a.attrelid = o.oid AND a.attnum > 0)
      """,
    from: "pg_class o \(Fragments.schema(of: "o.relnamespace")) WHERE o.relkind = 'v'")

  private static func materializedViews(_ version: Int) -> ObjectQuery {
    let alter = "format('ALTER MATERIALIZED VIEW %I.%I ALTER COLUMN %I SET ', n.nspname, o.relname, a.attname)"
    let compression =
      version >= 140000
      ? "\(alter) || CASE a.attcompression WHEN 'p' THEN 'COMPRESSION pglz;' WHEN 'l' THEN 'COMPRESSION lz4;' END,"
      : ""
    return ObjectQuery(
      catalog: "pg_class",
      kind: "'materialized_view'",
      schema: "n.nspname",
      name: "o.relname",
      ddl: """
        concat_ws(E'\\n', format(E'CREATE MATERIALIZED VIEW %I.%I%s%s%s AS\\n%s\\n  WITH NO DATA;', n.nspname, o.relname,
            (SELECT format(' USING %I', m.amname) FROM pg_am m WHERE m.oid = o.relam AND m.amname <> 'heap'),
            ' WITH (' || \(Fragments.options("o.reloptions")) || ')',
            (SELECT format(' TABLESPACE %I', x.spcname) FROM pg_tablespace x WHERE x.oid = o.reltablespace), \(select)),
          (SELECT string_agg(nullif(concat_ws(E'\\n',
              \(alter) || 'STATISTICS ' || nullif(a.attstattarget, -1) || ';', \(compression)
              CASE WHEN a.attstorage <> t.typstorage THEN \(alter) || 'STORAGE ' || CASE a.attstorage
                WHEN 'p' THEN 'PLAIN;' WHEN 'e' THEN 'EXTERNAL;' WHEN 'x' THEN 'EXTENDED;' ELSE 'MAIN;' END END,
              \(alter) || '(' || \(Fragments.options("a.attoptions")) || ');'), ''), E'\\n' ORDER BY a.attnum)
            FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid WHERE a.attrelid = o.oid AND a.attnum > 0))
        """,
      late:
        "CASE WHEN o.relispopulated THEN format('REFRESH MATERIALIZED VIEW %I.%I;', n.nspname, o.relname) ELSE '' END",
      flags: "\(ObjectFlags.computed.rawValue)",
      target: "format('MATERIALIZED VIEW %I.%I', n.nspname, o.relname)",
      owner: "o.relowner",
      granted: "format('TABLE %I.%I', n.nspname, o.relname)",
      acl: "o.relacl",
      initialACL: "acldefault('r', o.relowner)",
      from: "pg_class o \(Fragments.schema(of: "o.relnamespace")) WHERE o.relkind = 'm'")
  }

  /// Only those with a comment or grants of their own.
  private static let columns = ObjectQuery(
    catalog: "pg_class",
    oid: "r.oid",
    sub: "o.attnum",
    kind: "'view_column'",
    rank: "'acl'",
    schema: "n.nspname",
    name: "o.attname",
    parent: "r.relname",
    relation: "r.oid",
    target: "format('COLUMN %I.%I.%I', n.nspname, r.relname, o.attname)",
    grantor: "r.relowner",
    granted: "format('TABLE %I.%I', n.nspname, r.relname)",
    privilegeSuffix: "format(' (%I)', o.attname)",
    acl: "o.attacl",
    from: """
      pg_attribute o JOIN pg_class r ON r.oid = o.attrelid AND r.relkind IN ('v', 'm')
      \(Fragments.schema(of: "r.relnamespace"))
      WHERE o.attnum > 0 AND NOT o.attisdropped AND (o.attacl IS NOT NULL
        OR col_description(o.attrelid, o.attnum) IS NOT NULL)
      """)

  private static let rules = ObjectQuery(
    catalog: "pg_rewrite",
    kind: "'rule'",
    schema: "n.nspname",
    name: "o.rulename",
    parent: "r.relname",
    relation: "r.oid",
    ddl: """
      concat_ws(E'\\n', pg_get_ruledef(o.oid), CASE WHEN o.ev_enabled <> 'O' THEN
        format('ALTER TABLE %I.%I %s RULE %I;', n.nspname, r.relname, CASE o.ev_enabled WHEN 'D' THEN 'DISABLE'
          WHEN 'A' THEN 'ENABLE ALWAYS' ELSE 'ENABLE REPLICA' END, o.rulename) END)
      """,
    target: "format('RULE %I ON %I.%I', o.rulename, n.nspname, r.relname)",
    from: """
      pg_rewrite o JOIN pg_class r ON r.oid = o.ev_class \(Fragments.schema(of: "r.relnamespace"))
      WHERE o.rulename <> '_RETURN'
      """)
}
