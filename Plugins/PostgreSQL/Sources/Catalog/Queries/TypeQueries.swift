/// Types with a name of their own: no row types of tables, no arrays, no multiranges. A domain's checks are separate
/// objects, because they may need functions that need the domain.
enum TypeQueries {
  static func all(_ version: Int) -> [ObjectQuery] {
    [enums, composites, domains, ranges(version), bases(version), shells, constraints]
  }

  private static func type(
    _ letter: String, word: String = "TYPE", ddl: String, tail: String = "''", stub: String = "NULL", from: String = ""
  ) -> ObjectQuery {
    ObjectQuery(
      catalog: "pg_type",
      kind: "'type'",
      schema: "n.nspname",
      name: "o.typname",
      ddl: ddl,
      tail: tail,
      target: "format('\(word) %I.%I', n.nspname, o.typname)",
      owner: "o.typowner",
      granted: "format('TYPE %I.%I', n.nspname, o.typname)",
      acl: "o.typacl",
      initialACL: "acldefault('T', o.typowner)",
      stub: stub,
      stubTypes: stub == "NULL" ? "NULL" : "''",
      from: """
        pg_type o \(Fragments.schema(of: "o.typnamespace")) \(from)
        WHERE o.typtype = '\(letter)' AND o.typisdefined
        """)
  }

  private static let shell = "format('CREATE TYPE %I.%I;', n.nspname, o.typname)"

  private static let enums = type(
    "e",
    ddl: """
      format('CREATE TYPE %I.%I AS ENUM (%s);', n.nspname, o.typname,
        (SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
          FROM pg_enum e WHERE e.enumtypid = o.oid))
      """)

  private static let composites: ObjectQuery = {
    let attributes = "FROM pg_attribute a WHERE a.attrelid = o.typrelid AND a.attnum > 0 AND NOT a.attisdropped"
    return type(
      "c",
      ddl: """
        format('CREATE TYPE %I.%I AS (%s);', n.nspname, o.typname,
          (SELECT string_agg(format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod),
            \(Fragments.collation("a.attcollation", type: "a.atttypid"))), ', ' ORDER BY a.attnum) \(attributes)))
        """,
      tail: """
        coalesce((SELECT string_agg(format('COMMENT ON COLUMN %I.%I.%I IS %L;', n.nspname, o.typname, a.attname, t), E'\\n'
            ORDER BY a.attnum)
          FROM (SELECT a.*, col_description(a.attrelid, a.attnum) AS t \(attributes)) a WHERE t IS NOT NULL), '')
        """,
      from: "JOIN pg_class r ON r.oid = o.typrelid AND r.relkind = 'c'")
  }()

  private static let domains = type(
    "d", word: "DOMAIN",
    ddl: """
      format('CREATE DOMAIN %I.%I AS %s%s%s%s;', n.nspname, o.typname, format_type(o.typbasetype, o.typtypmod),
        \(Fragments.collation("o.typcollation", type: "o.typbasetype")),
        ' DEFAULT ' || coalesce(pg_get_expr(o.typdefaultbin, 0), quote_literal(o.typdefault)),
        CASE WHEN o.typnotnull THEN ' NOT NULL' ELSE '' END)
      """)

  private static func ranges(_ version: Int) -> ObjectQuery {
    type(
      "r",
      ddl: """
        format('CREATE TYPE %I.%I AS RANGE (%s);', n.nspname, o.typname, concat_ws(', ',
          'SUBTYPE = ' || format_type(r.rngsubtype, NULL),
          (SELECT format('SUBTYPE_OPCLASS = %I.%I', cn.nspname, c.opcname) FROM pg_opclass c
            JOIN pg_namespace cn ON cn.oid = c.opcnamespace WHERE c.oid = r.rngsubopc AND NOT c.opcdefault),
          (SELECT format('COLLATION = %I.%I', cn.nspname, c.collname) FROM pg_collation c
            JOIN pg_namespace cn ON cn.oid = c.collnamespace WHERE c.oid = r.rngcollation
              AND c.oid <> (SELECT typcollation FROM pg_type WHERE oid = r.rngsubtype)),
          'CANONICAL = ' || nullif(r.rngcanonical::regproc::text, '-'),
          'SUBTYPE_DIFF = ' || nullif(r.rngsubdiff::regproc::text, '-')
          \(version >= 140000 ? ", 'MULTIRANGE_TYPE_NAME = ' || format_type(r.rngmultitypid, NULL)" : "")))
        """,
      stub: shell, from: "JOIN pg_range r ON r.rngtypid = o.oid")
  }

  /// Base types are created in two steps: a shell that their functions can refer to, then the type.
  private static func bases(_ version: Int) -> ObjectQuery {
    let functions = [
      ("INPUT", "typinput"), ("OUTPUT", "typoutput"), ("RECEIVE", "typreceive"), ("SEND", "typsend"),
      ("TYPMOD_IN", "typmodin"), ("TYPMOD_OUT", "typmodout"), ("ANALYZE", "typanalyze"),
    ].map { "'\($0.0) = ' || nullif(o.\($0.1)::regproc::text, '-')" }
    return type(
      "b",
      ddl: """
        format('CREATE TYPE %I.%I (%s);', n.nspname, o.typname, concat_ws(', ',
          \(functions.joined(separator: ",\n    ")),
          \(version >= 140000 ? "'SUBSCRIPT = ' || nullif(o.typsubscript::regproc::text, '-')," : "")
          'INTERNALLENGTH = ' || CASE o.typlen WHEN -1 THEN 'variable' ELSE o.typlen::text END,
          CASE WHEN o.typbyval THEN 'PASSEDBYVALUE' END,
          'ALIGNMENT = ' || CASE o.typalign WHEN 'c' THEN 'char' WHEN 's' THEN 'int2' WHEN 'i' THEN 'int4'
            ELSE 'double' END,
          'STORAGE = ' || CASE o.typstorage WHEN 'p' THEN 'plain' WHEN 'e' THEN 'external' WHEN 'x' THEN 'extended'
            ELSE 'main' END,
          format('CATEGORY = %L', o.typcategory), CASE WHEN o.typispreferred THEN 'PREFERRED = true' END,
          format('DELIMITER = %L', o.typdelim), 'ELEMENT = ' || format_type(nullif(o.typelem, 0), NULL),
          CASE WHEN o.typcollation <> 0 THEN 'COLLATABLE = true' END,
          'DEFAULT = ' || quote_literal(o.typdefault)))
        """,
      stub: shell,
      from: "JOIN (SELECT) q ON NOT EXISTS (SELECT FROM pg_type e WHERE e.typarray = o.oid)")
  }

  /// Shells that were never completed.
  private static var shells: ObjectQuery {
    var query = type("p", ddl: shell)
    query.from = "pg_type o \(Fragments.schema(of: "o.typnamespace")) WHERE NOT o.typisdefined"
    return query
  }

  private static let constraints = ObjectQuery(
    catalog: "pg_constraint",
    kind: "'constraint'",
    rank: "'domain_constraint'",
    schema: "n.nspname",
    name: "o.conname",
    parent: "t.typname",
    definition: "pg_get_constraintdef(o.oid)",
    ddl: """
      format('ALTER DOMAIN %I.%I ADD CONSTRAINT %I %s;', n.nspname, t.typname, o.conname, pg_get_constraintdef(o.oid))
      """,
    target: "format('CONSTRAINT %I ON DOMAIN %I.%I', o.conname, n.nspname, t.typname)",
    from: """
      pg_constraint o JOIN pg_type t ON t.oid = o.contypid \(Fragments.schema(of: "t.typnamespace"))
      WHERE o.contype = 'c'
      """)
}
