/// Publications with their members, and subscriptions.
enum ReplicationQueries {
  /// `seesAll`: the role may read all about subscriptions; other roles see only that they exist.
  static func all(_ version: Int, seesAll: Bool) -> [ObjectQuery] {
    [publications(version), seesAll ? subscriptions(version) : hiddenSubscriptions]
  }

  static let seesAll = "has_table_privilege('pg_catalog.pg_subscription', 'SELECT')"

  private static func publications(_ version: Int) -> ObjectQuery {
    let columns =
      version >= 150000
      ? """
      (SELECT format(' (%s)', string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum)) FROM pg_attribute a
          WHERE a.attrelid = c.oid AND a.attnum = ANY (m.prattrs::int2[]) HAVING count(*) > 0),
        ' WHERE (' || pg_get_expr(m.prqual, m.prrelid) || ')'
      """ : "NULL, NULL"
    let schemas =
      version >= 150000
      ? """
      UNION ALL
      SELECT m.pnpubid, format('TABLES IN SCHEMA %I', c.nspname)
        FROM pg_publication_namespace m JOIN pg_namespace c ON c.oid = m.pnnspid
      """ : ""
    return ObjectQuery(
      catalog: "pg_publication",
      kind: "'publication'",
      name: "o.pubname",
      ddl: """
        concat_ws(E'\\n', format('CREATE PUBLICATION %I%s WITH (publish = %L%s);', o.pubname,
            CASE WHEN o.puballtables THEN ' FOR ALL TABLES' END,
            concat_ws(', ', CASE WHEN o.pubinsert THEN 'insert' END, CASE WHEN o.pubupdate THEN 'update' END,
              CASE WHEN o.pubdelete THEN 'delete' END, CASE WHEN o.pubtruncate THEN 'truncate' END),
            CASE WHEN o.pubviaroot THEN ', publish_via_partition_root = true' END),
          (SELECT string_agg(format('ALTER PUBLICATION %I ADD %s;', o.pubname, t.member), E'\\n' ORDER BY t.member)
            FROM (
              SELECT m.prpubid AS publication, format('TABLE ONLY %I.%I%s%s', n.nspname, c.relname, \(columns)) AS member
              FROM pg_publication_rel m JOIN pg_class c ON c.oid = m.prrelid JOIN pg_namespace n ON n.oid = c.relnamespace
              \(schemas)
            ) t WHERE t.publication = o.oid))
        """,
      target: "format('PUBLICATION %I', o.pubname)",
      owner: "o.pubowner",
      from: "pg_publication o")
  }

  /// The connection is hidden, because it may contain a password; the reader puts what is not secret into the ddl. A
  /// restored subscription must not be enabled: two subscriptions would read from one slot.
  private static func subscriptions(_ version: Int) -> ObjectQuery {
    let options = """
      concat_ws(', ', 'slot_name = ' || coalesce(quote_literal(o.subslotname), 'NONE'),
        CASE WHEN o.subsynccommit <> 'off' THEN format('synchronous_commit = %L', o.subsynccommit) END
        \(version >= 140000 ? ", CASE WHEN o.subbinary THEN 'binary = true' END" : "")
        \(version >= 160000
          ? ", CASE o.substream WHEN 't' THEN 'streaming = on' WHEN 'p' THEN 'streaming = parallel' END"
          : version >= 140000 ? ", CASE WHEN o.substream THEN 'streaming = on' END" : "")
        \(version >= 150000 ? ", CASE WHEN o.subtwophasestate <> 'd' THEN 'two_phase = on' END" : "")
        \(version >= 150000 ? ", CASE WHEN o.subdisableonerr THEN 'disable_on_error = true' END" : "")
        \(version >= 160000 ? ", CASE WHEN NOT o.subpasswordrequired THEN 'password_required = false' END" : "")
        \(version >= 160000 ? ", CASE WHEN o.subrunasowner THEN 'run_as_owner = true' END" : "")
        \(version >= 160000 ? ", CASE WHEN o.suborigin <> 'any' THEN format('origin = %L', o.suborigin) END" : "")
        \(version >= 170000 ? ", CASE WHEN o.subfailover THEN 'failover = true' END" : ""))
      """
    return ObjectQuery(
      catalog: "pg_subscription",
      kind: "'subscription'",
      name: "o.subname",
      nativeType: "o.subconninfo",
      definition: """
        concat_ws(E'\\n', format('SUBSCRIPTION PUBLICATION %s WITH (%s)', \(names), \(options)),
          format('hidden connection (%s)', \(Fragments.checksum("o.subname || o.subconninfo"))))
        """,
      ddl: """
        format(' PUBLICATION %s WITH (connect = false, %s);', \(names), \(options))
        """,
      target: "format('SUBSCRIPTION %I', o.subname)",
      owner: "o.subowner",
      from: ofThisDatabase)
  }

  private static let hiddenSubscriptions = ObjectQuery(
    catalog: "pg_subscription",
    kind: "'subscription'",
    name: "o.subname",
    definition: "format('SUBSCRIPTION PUBLICATION %s', \(names))",
    ddl: "format(' PUBLICATION %s WITH (connect = false, slot_name = NONE);', \(names))",
    target: "format('SUBSCRIPTION %I', o.subname)",
    owner: "o.subowner",
    from: ofThisDatabase)

  private static let names = "(SELECT string_agg(quote_ident(p), ', ' ORDER BY p) FROM unnest(o.subpublications) p)"

  private static let ofThisDatabase = """
    pg_subscription o WHERE o.subdbid = (SELECT oid FROM pg_database WHERE datname = current_database())
    """
}
