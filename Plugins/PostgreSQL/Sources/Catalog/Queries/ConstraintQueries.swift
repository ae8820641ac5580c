import BelayDriverKit

/// Defaults, constraints, indexes and extended statistics.
enum ConstraintQueries {
  static let all = [defaults, constraints, indexes, statistics]

  private static let defaults = ObjectQuery(
    catalog: "pg_attrdef",
    kind: "'default'",
    schema: "n.nspname",
    name: "a.attname",
    parent: "r.relname",
    relation: "r.oid",
    definition: "v.value",
    ddl: """
      format('ALTER %s %I.%I ALTER COLUMN %I SET DEFAULT %s;', CASE r.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE ONLY' END,
        n.nspname, r.relname, a.attname, v.value)
      """,
    from: """
      pg_attrdef o JOIN pg_class r ON r.oid = o.adrelid \(Fragments.schema(of: "r.relnamespace"))
      JOIN pg_attribute a ON a.attrelid = o.adrelid AND a.attnum = o.adnum AND a.attgenerated = ''
      CROSS JOIN LATERAL (SELECT pg_get_expr(o.adbin, o.adrelid) AS value OFFSET 0) v
      """)

  /// What pg_get_indexdef and pg_get_constraintdef leave out about the index `i` of the relation `r`.
  private static let settings = """
    concat_ws(E'\\n',
      (SELECT format('ALTER INDEX %I.%I SET TABLESPACE %I;', n.nspname, i.relname, s.spcname)
        FROM pg_tablespace s WHERE s.oid = i.reltablespace),
      (SELECT string_agg(format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s;', n.nspname, i.relname, a.attnum,
          a.attstattarget), E'\\n' ORDER BY a.attnum)
        FROM pg_attribute a WHERE a.attrelid = i.oid AND a.attstattarget >= 0),
      (SELECT format('ALTER INDEX %I.%I ATTACH PARTITION %I.%I;', pn.nspname, p.relname, n.nspname, i.relname)
        FROM pg_inherits h JOIN pg_class p ON p.oid = h.inhparent JOIN pg_namespace pn ON pn.oid = p.relnamespace
        WHERE i.relispartition AND h.inhrelid = i.oid),
      CASE WHEN x.indisclustered
        THEN format('ALTER TABLE %I.%I CLUSTER ON %I;', n.nspname, r.relname, i.relname) END,
      CASE WHEN x.indisreplident
        THEN format('ALTER TABLE ONLY %I.%I REPLICA IDENTITY USING INDEX %I;', n.nspname, r.relname, i.relname) END)
    """

  /// Checks and foreign keys that are inherited come with the parent's; keys of partitions do not.
  private static let constraints = ObjectQuery(
    catalog: "pg_constraint",
    kind: "'constraint'",
    rank: """
      CASE o.contype WHEN 'c' THEN 'check' WHEN 'p' THEN 'primary_key' WHEN 'f' THEN 'foreign_key' ELSE 'constraint' END
      """,
    schema: "n.nspname",
    name: "o.conname",
    parent: "r.relname",
    relation: "r.oid",
    definition: "concat_ws(E'\\n', p.text, nullif(p.settings, ''))",
    ddl: """
      concat_ws(E'\\n', format('ALTER TABLE %s%I.%I ADD CONSTRAINT %I %s;', CASE WHEN o.contype = 'c' OR
          (o.contype = 'f' AND r.relkind = 'p') THEN '' ELSE 'ONLY ' END, n.nspname, r.relname, o.conname,
          p.text), nullif(p.settings, ''))
      """,
    target: "format('CONSTRAINT %I ON %I.%I', o.conname, n.nspname, r.relname)",
    from: """
      pg_constraint o JOIN pg_class r ON r.oid = o.conrelid \(Fragments.schema(of: "r.relnamespace"))
      LEFT JOIN pg_index x ON x.indexrelid = o.conindid AND o.contype IN ('p', 'u', 'x')
      LEFT JOIN pg_class i ON i.oid = x.indexrelid
      CROSS JOIN LATERAL (SELECT pg_get_constraintdef(o.oid) AS text, CASE WHEN i.oid IS NOT NULL THEN concat_ws(E'\\n',
        format('ALTER INDEX %I.%I SET (', n.nspname, i.relname) || \(Fragments.options("i.reloptions")) || ');',
        nullif(\(settings), ''),
        format('COMMENT ON INDEX %I.%I IS ', n.nspname, i.relname)
          || quote_literal(obj_description(i.oid, 'pg_class')) || ';') END
        AS settings OFFSET 0) p
      WHERE (o.contype = 'c' AND o.conislocal) OR o.contype IN ('p', 'u', 'x')
        OR (o.contype = 'f' AND o.conparentid = 0)
      """)

  /// An index whose build failed is not dumped, and no statement could create it.
  private static let indexes = ObjectQuery(
    catalog: "pg_class",
    oid: "i.oid",
    kind: "'index'",
    schema: "n.nspname",
    name: "i.relname",
    parent: "r.relname",
    relation: "r.oid",
    definition: """
      concat_ws(E'\\n', CASE WHEN x.indisvalid THEN '' ELSE 'INVALID ' END || p.text, nullif(p.settings, ''))
      """,
    ddl: """
      CASE WHEN x.indisvalid OR r.relkind = 'p' THEN concat_ws(E'\\n', p.text || ';', nullif(p.settings, ''))
        ELSE '' END
      """,
    flags: "CASE WHEN x.indisvalid OR r.relkind = 'p' THEN 0 ELSE \(ObjectFlags.outsideDump.rawValue) END",
    target: "CASE WHEN x.indisvalid OR r.relkind = 'p' THEN format('INDEX %I.%I', n.nspname, i.relname) END",
    from: """
      pg_class i JOIN pg_index x ON x.indexrelid = i.oid
      JOIN pg_class r ON r.oid = x.indrelid \(Fragments.schema(of: "i.relnamespace"))
      CROSS JOIN LATERAL (SELECT pg_get_indexdef(i.oid) AS text, \(settings) AS settings OFFSET 0) p
      WHERE i.relkind IN ('i', 'I') AND NOT EXISTS (SELECT FROM pg_constraint k
        WHERE k.conindid = i.oid AND k.conrelid = x.indrelid AND k.contype IN ('p', 'u', 'x'))
      """)

  private static let statistics = ObjectQuery(
    catalog: "pg_statistic_ext",
    kind: "'statistics'",
    schema: "n.nspname",
    name: "o.stxname",
    parent: "r.relname",
    relation: "r.oid",
    ddl: """
      concat_ws(E'\\n', pg_get_statisticsobjdef(o.oid) || ';', CASE WHEN o.stxstattarget >= 0 THEN
        format('ALTER STATISTICS %I.%I SET STATISTICS %s;', n.nspname, o.stxname, o.stxstattarget) END)
      """,
    target: "format('STATISTICS %I.%I', n.nspname, o.stxname)",
    owner: "o.stxowner",
    from: """
      pg_statistic_ext o JOIN pg_class r ON r.oid = o.stxrelid \(Fragments.schema(of: "o.stxnamespace"))
      """)
}
