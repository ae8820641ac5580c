/// How objects of one sort are read from pg_catalog: every member is a piece of SQL over `from`, whose main relation is
/// called `o`. What all sorts have (owner, comment, security labels, grants) is added here.
///
/// Names are qualified, because the search path is empty while these queries run. No text may contain an OID or the
/// database's name: a copy restored elsewhere must give the same text.
struct ObjectQuery {
  /// The system catalog whose row is the object: with `oid` and `sub` its address in pg_depend and pg_description.
  var catalog: String
  var oid = "o.oid"
  var sub = "0"
  var kind: String
  /// A word of `Rank`; NULL: the kind.
  var rank = "NULL"
  var schema = "''"
  var name: String
  var parent = "''"
  /// The relation that it belongs to. What belongs to a member of an extension comes with the extension.
  var relation = "0"
  var nativeType = "''"
  /// NULL: the same text as the ddl.
  var definition = "NULL"
  var ddl = "''"
  /// Statements that must follow owner, comment and grants.
  var tail = "''"
  /// Statements that must wait until all rows are in.
  var late = "''"
  var flags = "0"
  var estimate = "NULL"
  /// As ALTER … OWNER and COMMENT ON name it; NULL if neither applies.
  var target = "NULL"
  var owner = "NULL"
  /// The default grantor; NULL: the owner.
  var grantor = "NULL"
  /// As GRANT … ON names it.
  var granted = "NULL"
  /// What follows each privilege: a column's name in parentheses.
  var privilegeSuffix = "''"
  var acl = "NULL"
  /// The privileges if nothing was granted or revoked.
  var initialACL = "NULL"
  /// A statement that creates a stub of the same name and shape, for objects that can be part of a cycle.
  var stub = "NULL"
  /// The OIDs of the types that the stub needs, separated by spaces.
  var stubTypes = "NULL"
  var from: String

  /// The columns of the result, in the order that `CatalogRow` reads.
  var sql: String {
    """
    SELECT x.class, x.oid, x.relation, x.rank, x.kind, x.schema, x.name, x.parent, x.native_type, x.definition, x.ddl,
      x.tail, x.late, x.flags, x.estimate, x.stub, x.stub_types,
      concat_ws(E'\\n',
        CASE WHEN x.owner <> 0 THEN format('ALTER %s OWNER TO %I;', x.target, pg_get_userbyid(x.owner)) END,
        CASE WHEN d.description IS NOT NULL THEN format('COMMENT ON %s IS %L;', x.target, d.description) END,
        CASE WHEN l.labels IS NOT NULL THEN (
          SELECT string_agg(format('SECURITY LABEL FOR %I ON %s IS %L;', i.provider, x.target, i.label), E'\\n'
            ORDER BY i.provider) FROM unnest(l.providers, l.labels) i(provider, label)) END,
        CASE WHEN x.acl IS NOT NULL AND \(Self.sorted("x.acl")) IS DISTINCT FROM \(Self.sorted("x.initial"))
          THEN \(Self.grants) END,
        CASE WHEN e.names IS NOT NULL THEN (
          SELECT string_agg(format('ALTER %s DEPENDS ON EXTENSION %I;', x.target, i), E'\\n' ORDER BY i)
          FROM unnest(e.names) i) END),
      x.sub
    FROM (
      SELECT '\(catalog)'::regclass::oid AS class, (\(oid))::oid AS oid, (\(sub))::int AS sub,
        (\(relation))::oid AS relation, (\(rank))::text AS rank, (\(kind))::text AS kind, (\(schema))::text AS schema,
        (\(name))::text AS name, (\(parent))::text AS parent, (\(nativeType))::text AS native_type,
        (\(definition))::text AS definition, (\(ddl))::text AS ddl, (\(tail))::text AS tail, (\(late))::text AS late,
        (\(flags))::int AS flags, (\(estimate))::bigint AS estimate, (\(target))::text AS target,
        (\(owner))::oid AS owner, (\(granted))::text AS granted, (\(privilegeSuffix))::text AS suffix,
        coalesce(\(grantor), \(owner))::oid AS grantor, (\(acl))::aclitem[] AS acl, (\(initialACL))::aclitem[] AS initial,
        (\(stub))::text AS stub, (\(stubTypes))::text AS stub_types
      FROM \(from)
    ) x
    LEFT JOIN pg_description d ON d.objoid = x.oid AND d.classoid = x.class AND d.objsubid = x.sub
    LEFT JOIN (SELECT objoid, classoid, objsubid, array_agg(provider) AS providers, array_agg(label) AS labels
      FROM pg_seclabel GROUP BY 1, 2, 3) l ON l.objoid = x.oid AND l.classoid = x.class AND l.objsubid = x.sub
    LEFT JOIN (SELECT p.classid, p.objid, array_agg(e.extname) AS names FROM pg_depend p
      JOIN pg_extension e ON e.oid = p.refobjid WHERE p.refclassid = 'pg_extension'::regclass AND p.deptype = 'x'
      GROUP BY 1, 2) e ON e.objid = x.oid AND e.classid = x.class AND x.sub = 0
    """
  }

  /// Grants may be stored in any order: sorted, equal sets are equal.
  private static func sorted(_ acl: String) -> String {
    "(SELECT array_agg(i::text ORDER BY i::text) FROM unnest(\(acl)) i)"
  }

  /// First the owner's grants, then those that other roles passed on, in the order in which they did so.
  private static let grants = """
    (SELECT string_agg(s.statement, E'\\n' ORDER BY s.place, s.turn, s.statement) FROM (
        SELECT 0 AS place, 0 AS turn, format('REVOKE ALL ON %s FROM PUBLIC;', x.granted) AS statement
          WHERE x.suffix = ''
        UNION ALL
        SELECT 1, 0, format('REVOKE ALL ON %s FROM %I;', x.granted, pg_get_userbyid(x.grantor)) WHERE x.suffix = ''
        UNION ALL
        SELECT CASE WHEN a.grantor = x.grantor THEN 2 ELSE 3 END,
          CASE WHEN a.grantor = x.grantor THEN 0 ELSE min(a.turn) END,
          CASE WHEN a.grantor <> x.grantor
            THEN format('SET SESSION AUTHORIZATION %I; ', pg_get_userbyid(a.grantor)) ELSE '' END
          || format('GRANT %s ON %s TO %s%s;', string_agg(a.privilege_type || x.suffix, ', ' ORDER BY a.privilege_type),
            x.granted, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
            CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
          || CASE WHEN a.grantor <> x.grantor THEN ' RESET SESSION AUTHORIZATION;' ELSE '' END
          FROM aclexplode(x.acl) WITH ORDINALITY a(grantor, grantee, privilege_type, is_grantable, turn)
          GROUP BY a.grantor, a.grantee, a.is_grantable
      ) s)
    """
}
