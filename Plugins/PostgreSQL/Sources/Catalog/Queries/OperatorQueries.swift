/// Operators, their families and classes, casts, transforms.
enum OperatorQueries {
  static let all = [operators, families, classes, casts, transforms]

  private static func operatorName(_ oid: String) -> String {
    """
    (SELECT format('OPERATOR(%I.%s)', pn.nspname, p.oprname) FROM pg_operator p
      JOIN pg_namespace pn ON pn.oid = p.oprnamespace WHERE p.oid = \(oid))
    """
  }

  private static let operators: ObjectQuery = {
    let left = "coalesce(format_type(nullif(o.oprleft, 0), NULL), 'NONE')"
    let right = "format_type(o.oprright, NULL)"
    return ObjectQuery(
      catalog: "pg_operator",
      kind: "'operator'",
      schema: "n.nspname",
      name: "format('%s(%s, %s)', o.oprname, \(left), \(right))",
      ddl: """
        format('CREATE OPERATOR %I.%s (%s);', n.nspname, o.oprname, concat_ws(', ',
          'FUNCTION = ' || o.oprcode::regproc::text,
          'LEFTARG = ' || format_type(nullif(o.oprleft, 0), NULL),
          'RIGHTARG = ' || \(right),
          'COMMUTATOR = ' || \(operatorName("o.oprcom")),
          'NEGATOR = ' || \(operatorName("o.oprnegate")),
          CASE WHEN o.oprcanmerge THEN 'MERGES' END,
          CASE WHEN o.oprcanhash THEN 'HASHES' END,
          'RESTRICT = ' || nullif(o.oprrest::regproc::text, '-'),
          'JOIN = ' || nullif(o.oprjoin::regproc::text, '-')))
        """,
      target: "format('OPERATOR %I.%s (%s, %s)', n.nspname, o.oprname, \(left), \(right))",
      owner: "o.oprowner",
      from: "pg_operator o \(Fragments.schema(of: "o.oprnamespace")) WHERE o.oprcode <> 0")
  }()

  /// Operators and functions that belong to a family or a class, as pg_depend has it.
  private static func members(of catalog: String, types: Bool) -> String {
    func shown(_ left: String, _ right: String) -> String {
      types ? "format(' (%s, %s)', format_type(\(left), NULL), format_type(\(right), NULL))" : "''"
    }
    return """
      (SELECT string_agg(i.item, ', ' ORDER BY i.place, i.number, i.item) FROM (
        SELECT 0 AS place, a.amopstrategy AS number,
          format('OPERATOR %s %I.%s (%s, %s)%s', a.amopstrategy, pn.nspname, p.oprname,
            format_type(a.amoplefttype, NULL), format_type(a.amoprighttype, NULL),
            (SELECT format(' FOR ORDER BY %I.%I', fn.nspname, f.opfname) FROM pg_opfamily f
              JOIN pg_namespace fn ON fn.oid = f.opfnamespace WHERE f.oid = a.amopsortfamily)) AS item
          FROM pg_amop a JOIN pg_depend d ON d.classid = 'pg_amop'::regclass AND d.objid = a.oid
            JOIN pg_operator p ON p.oid = a.amopopr JOIN pg_namespace pn ON pn.oid = p.oprnamespace
          WHERE d.refclassid = '\(catalog)'::regclass AND d.refobjid = o.oid
        UNION ALL
        SELECT 1, a.amprocnum,
          format('FUNCTION %s%s %s', a.amprocnum, \(shown("a.amproclefttype", "a.amprocrighttype")),
            a.amproc::regprocedure)
          FROM pg_amproc a JOIN pg_depend d ON d.classid = 'pg_amproc'::regclass AND d.objid = a.oid
          WHERE d.refclassid = '\(catalog)'::regclass AND d.refobjid = o.oid
      ) i)
      """
  }

  private static let families = ObjectQuery(
    catalog: "pg_opfamily",
    kind: "'operator_family'",
    schema: "n.nspname",
    name: "format('%s USING %s', o.opfname, m.amname)",
    ddl: "format('CREATE OPERATOR FAMILY %I.%I USING %I;', n.nspname, o.opfname, m.amname)",
    // Members that belong to no class may need functions that depend on the classes.
    late: """
      coalesce(format('ALTER OPERATOR FAMILY %I.%I USING %I ADD ', n.nspname, o.opfname, m.amname)
        || \(members(of: "pg_opfamily", types: true)) || ';', '')
      """,
    target: "format('OPERATOR FAMILY %I.%I USING %I', n.nspname, o.opfname, m.amname)",
    owner: "o.opfowner",
    from: "pg_opfamily o JOIN pg_am m ON m.oid = o.opfmethod \(Fragments.schema(of: "o.opfnamespace"))")

  private static let classes = ObjectQuery(
    catalog: "pg_opclass",
    kind: "'operator_class'",
    schema: "n.nspname",
    name: "format('%s USING %s', o.opcname, m.amname)",
    ddl: """
      format('CREATE OPERATOR CLASS %I.%I%s FOR TYPE %s USING %I FAMILY %I.%I AS %s;', n.nspname, o.opcname,
        CASE WHEN o.opcdefault THEN ' DEFAULT' ELSE '' END, format_type(o.opcintype, NULL), m.amname,
        fn.nspname, f.opfname, concat_ws(', ', 'STORAGE ' || format_type(
          CASE WHEN o.opckeytype <> 0 THEN o.opckeytype ELSE o.opcintype END, NULL),
          \(members(of: "pg_opclass", types: true))))
      """,
    target: "format('OPERATOR CLASS %I.%I USING %I', n.nspname, o.opcname, m.amname)",
    owner: "o.opcowner",
    from: """
      pg_opclass o JOIN pg_am m ON m.oid = o.opcmethod
      JOIN pg_opfamily f ON f.oid = o.opcfamily JOIN pg_namespace fn ON fn.oid = f.opfnamespace
      \(Fragments.schema(of: "o.opcnamespace"))
      """)

  /// Leaves out the cast of a range to its multirange, which comes with the range.
  private static let casts: ObjectQuery = {
    let name = "format('(%s AS %s)', format_type(o.castsource, NULL), format_type(o.casttarget, NULL))"
    return ObjectQuery(
      catalog: "pg_cast",
      kind: "'cast'",
      name: name,
      ddl: """
        format('CREATE CAST %s %s%s;', \(name),
          CASE o.castmethod WHEN 'b' THEN 'WITHOUT FUNCTION' WHEN 'i' THEN 'WITH INOUT'
            ELSE format('WITH FUNCTION %s', o.castfunc::regprocedure) END,
          CASE o.castcontext WHEN 'a' THEN ' AS ASSIGNMENT' WHEN 'i' THEN ' AS IMPLICIT' ELSE '' END)
        """,
      target: "'CAST ' || \(name)",
      from: """
        pg_cast o WHERE \(Fragments.ofUsers) AND NOT EXISTS (SELECT FROM pg_depend d
          WHERE d.classid = 'pg_cast'::regclass AND d.objid = o.oid AND d.deptype = 'i')
        """)
  }()

  private static let transforms: ObjectQuery = {
    let name = "format('FOR %s LANGUAGE %I', format_type(o.trftype, NULL), l.lanname)"
    return ObjectQuery(
      catalog: "pg_transform",
      kind: "'transform'",
      name: name,
      ddl: """
        format('CREATE TRANSFORM %s (%s);', \(name), concat_ws(', ',
          'FROM SQL WITH FUNCTION ' || nullif(o.trffromsql::regprocedure::text, '-'),
          'TO SQL WITH FUNCTION ' || nullif(o.trftosql::regprocedure::text, '-')))
        """,
      target: "'TRANSFORM ' || \(name)",
      from: "pg_transform o JOIN pg_language l ON l.oid = o.trflang WHERE \(Fragments.ofUsers)")
  }()
}
