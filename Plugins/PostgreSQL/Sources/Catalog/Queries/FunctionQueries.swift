/// Functions, procedures and aggregates: named with the types of their arguments, since several may share a name.
enum FunctionQueries {
  static func all(_ version: Int) -> [ObjectQuery] { [functions(version), aggregates] }

  private static let signature = "format('%s(%s)', o.proname, oidvectortypes(o.proargtypes))"

  /// Created and dropped together with ranges and multiranges.
  private static let madeByThemselves = """
    EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = o.oid AND d.deptype = 'i')
    """

  private static func functions(_ version: Int) -> ObjectQuery {
    let word = "CASE o.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END"
    let target = """
      format('%s %I.%I(%s)', \(word), n.nspname, o.proname, pg_get_function_identity_arguments(o.oid))
      """
    var query = ObjectQuery(
      catalog: "pg_proc",
      kind: "lower(\(word))",
      rank: "'function'",
      schema: "n.nspname",
      name: signature,
      ddl: "rtrim(pg_get_functiondef(o.oid), E'\\n') || ';'",
      target: target,
      owner: "o.proowner",
      granted: target,
      acl: "o.proacl",
      initialACL: "acldefault('f', o.proowner)",
      from: """
        pg_proc o \(Fragments.schema(of: "o.pronamespace"))
        WHERE o.prokind <> 'a' AND NOT \(madeByThemselves)
        """)
    guard version >= 140000 else { return query }
    // A body that the server has parsed may need objects that need the function. Defaults are not part of its identity.
    query.stub = """
      CASE WHEN o.prosqlbody IS NOT NULL THEN format('CREATE %s %I.%I(%s)%s LANGUAGE sql%s AS %L;', \(word),
        n.nspname, o.proname, pg_get_function_identity_arguments(o.oid),
        ' RETURNS ' || pg_get_function_result(o.oid),
        CASE WHEN o.prokind = 'f' THEN CASE o.provolatile WHEN 'i' THEN ' IMMUTABLE' WHEN 's' THEN ' STABLE' ELSE '' END
          || CASE o.proparallel WHEN 's' THEN ' PARALLEL SAFE' WHEN 'r' THEN ' PARALLEL RESTRICTED' ELSE '' END END,
        '') END
      """
    query.stubTypes = """
      array_to_string(o.proargtypes::oid[] || o.prorettype || coalesce(o.proallargtypes, '{}'), ' ')
      """
    return query
  }

  private static let aggregates: ObjectQuery = {
    let functions = [
      ("FINALFUNC", "aggfinalfn"), ("COMBINEFUNC", "aggcombinefn"), ("SERIALFUNC", "aggserialfn"),
      ("DESERIALFUNC", "aggdeserialfn"), ("MSFUNC", "aggmtransfn"), ("MINVFUNC", "aggminvtransfn"),
      ("MFINALFUNC", "aggmfinalfn"),
    ].map { "'\($0.0) = ' || nullif(a.\($0.1)::regproc::text, '-')" }
    let arguments = "pg_get_function_identity_arguments(o.oid)"
    let shown = "CASE WHEN \(arguments) = '' THEN '*' ELSE \(arguments) END"
    return ObjectQuery(
      catalog: "pg_proc",
      kind: "'aggregate'",
      schema: "n.nspname",
      name: signature,
      ddl: """
        format('CREATE AGGREGATE %I.%I(%s) (%s);', n.nspname, o.proname,
          CASE WHEN pg_get_function_arguments(o.oid) = '' THEN '*' ELSE pg_get_function_arguments(o.oid) END,
          concat_ws(', ',
            'SFUNC = ' || a.aggtransfn::regproc::text,
            'STYPE = ' || format_type(a.aggtranstype, NULL),
            'SSPACE = ' || nullif(a.aggtransspace, 0),
            \(functions.joined(separator: ",\n      ")),
            CASE WHEN a.aggfinalextra THEN 'FINALFUNC_EXTRA' END,
            CASE WHEN a.aggfinalfn <> 0 THEN 'FINALFUNC_MODIFY = ' || \(words("a.aggfinalmodify")) END,
            'INITCOND = ' || quote_literal(a.agginitval),
            'MSTYPE = ' || format_type(nullif(a.aggmtranstype, 0), NULL),
            'MSSPACE = ' || nullif(a.aggmtransspace, 0),
            CASE WHEN a.aggmfinalextra THEN 'MFINALFUNC_EXTRA' END,
            CASE WHEN a.aggmfinalfn <> 0 THEN 'MFINALFUNC_MODIFY = ' || \(words("a.aggmfinalmodify")) END,
            'MINITCOND = ' || quote_literal(a.aggminitval),
            (SELECT format('SORTOP = OPERATOR(%I.%s)', sn.nspname, s.oprname) FROM pg_operator s
              JOIN pg_namespace sn ON sn.oid = s.oprnamespace WHERE s.oid = a.aggsortop),
            CASE o.proparallel WHEN 's' THEN 'PARALLEL = safe' WHEN 'r' THEN 'PARALLEL = restricted' END,
            CASE a.aggkind WHEN 'h' THEN 'HYPOTHETICAL' END))
        """,
      target: "format('AGGREGATE %I.%I(%s)', n.nspname, o.proname, \(shown))",
      owner: "o.proowner",
      granted: "format('FUNCTION %I.%I(%s)', n.nspname, o.proname, oidvectortypes(o.proargtypes))",
      acl: "o.proacl",
      initialACL: "acldefault('f', o.proowner)",
      from: """
        pg_proc o JOIN pg_aggregate a ON a.aggfnoid = o.oid \(Fragments.schema(of: "o.pronamespace"))
        WHERE o.prokind = 'a'
        """)
  }()

  private static func words(_ column: String) -> String {
    "CASE \(column) WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE' ELSE 'READ_WRITE' END"
  }
}
