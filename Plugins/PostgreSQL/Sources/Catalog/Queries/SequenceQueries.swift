/// Sequences: their parameters. Their values are rows of one internal table.
enum SequenceQueries {
  static let all = [sequences]

  /// Sequences of identity columns are created with the column's identity; others are given their owner afterwards.
  private static let sequences = ObjectQuery(
    catalog: "pg_class",
    kind: "'sequence'",
    schema: "n.nspname",
    name: "o.relname",
    parent: "coalesce(w.relname, '')",
    definition: """
      concat(p.persistence, 'SEQUENCE AS ', p.type, p.parameters, CASE w.deptype WHEN 'i' THEN ' IDENTITY OF '
        WHEN 'a' THEN ' OWNED BY ' END, w.col)
      """,
    ddl: """
      CASE w.deptype WHEN 'i' THEN
          format('ALTER TABLE %s ALTER COLUMN %I ADD GENERATED %s AS IDENTITY (SEQUENCE NAME %I.%I%s);%s', w.tab, w.attname,
            CASE w.attidentity WHEN 'a' THEN 'ALWAYS' ELSE 'BY DEFAULT' END, n.nspname, o.relname, p.parameters,
            CASE WHEN o.relpersistence <> w.relpersistence THEN format(E'\\nALTER SEQUENCE %I.%I SET %s;', n.nspname,
              o.relname, CASE o.relpersistence WHEN 'u' THEN 'UNLOGGED' ELSE 'LOGGED' END) END)
        ELSE format('CREATE %sSEQUENCE %I.%I AS %s%s;', p.persistence, n.nspname, o.relname, p.type, p.parameters) END
      """,
    tail: """
      CASE w.deptype WHEN 'a' THEN format('ALTER SEQUENCE %I.%I OWNED BY %s;', n.nspname, o.relname, w.col) ELSE '' END
      """,
    target: "format('SEQUENCE %I.%I', n.nspname, o.relname)",
    owner: "o.relowner",
    granted: "format('SEQUENCE %I.%I', n.nspname, o.relname)",
    acl: "o.relacl",
    initialACL: "acldefault('s', o.relowner)",
    from: """
      pg_class o \(Fragments.schema(of: "o.relnamespace"))
      JOIN pg_sequence s ON s.seqrelid = o.oid
      LEFT JOIN (
        SELECT d.objid, d.deptype, r.relname, r.relpersistence, a.attname, a.attidentity,
          format('%I.%I', rn.nspname, r.relname) AS tab, format('%I.%I.%I', rn.nspname, r.relname, a.attname) AS col
        FROM pg_depend d JOIN pg_class r ON r.oid = d.refobjid JOIN pg_namespace rn ON rn.oid = r.relnamespace
          JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass AND d.deptype IN ('a', 'i')
          AND d.refobjsubid > 0
      ) w ON w.objid = o.oid
      CROSS JOIN LATERAL (SELECT format_type(s.seqtypid, NULL) AS type,
        CASE o.relpersistence WHEN 'u' THEN 'UNLOGGED ' ELSE '' END AS persistence,
        format(' START WITH %s INCREMENT BY %s MINVALUE %s MAXVALUE %s CACHE %s%s', s.seqstart, s.seqincrement,
          s.seqmin, s.seqmax, s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' END) AS parameters) p
      WHERE o.relkind = 'S'
      """)
}
