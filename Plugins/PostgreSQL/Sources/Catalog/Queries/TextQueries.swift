/// Collations, conversions and what text search is made of.
enum TextQueries {
  static func all(_ version: Int) -> [ObjectQuery] {
    [collations(version), conversions, parsers, templates, dictionaries, configurations]
  }

  private static func collations(_ version: Int) -> ObjectQuery {
    let locale = version >= 170000 ? "o.colllocale" : version >= 150000 ? "o.colliculocale" : "NULL::text"
    // Before version 15 the locale of ICU stood in collcollate.
    let parts =
      version >= 150000
      ? """
      'LOCALE = ' || quote_literal(\(locale)),
      CASE WHEN \(locale) IS NULL THEN format('LC_COLLATE = %L, LC_CTYPE = %L', o.collcollate, o.collctype) END
      \(version >= 160000 ? ", 'RULES = ' || quote_literal(o.collicurules)" : "")
      """
      : """
      CASE o.collprovider WHEN 'i' THEN format('LOCALE = %L', o.collcollate)
        ELSE format('LC_COLLATE = %L, LC_CTYPE = %L', o.collcollate, o.collctype) END
      """
    return ObjectQuery(
      catalog: "pg_collation",
      kind: "'collation'",
      schema: "n.nspname",
      name: "o.collname",
      ddl: """
        format('CREATE COLLATION %I.%I (%s);', n.nspname, o.collname, concat_ws(', ',
          'PROVIDER = ' || CASE o.collprovider WHEN 'i' THEN 'icu' WHEN 'b' THEN 'builtin' ELSE 'libc' END,
          CASE WHEN NOT o.collisdeterministic THEN 'DETERMINISTIC = false' END, \(parts)))
        """,
      target: "format('COLLATION %I.%I', n.nspname, o.collname)",
      owner: "o.collowner",
      from: "pg_collation o \(Fragments.schema(of: "o.collnamespace"))")
  }

  private static let conversions = ObjectQuery(
    catalog: "pg_conversion",
    kind: "'conversion'",
    schema: "n.nspname",
    name: "o.conname",
    ddl: """
      format('CREATE %sCONVERSION %I.%I FOR %L TO %L FROM %s;', CASE WHEN o.condefault THEN 'DEFAULT ' ELSE '' END,
        n.nspname, o.conname, pg_encoding_to_char(o.conforencoding), pg_encoding_to_char(o.contoencoding),
        o.conproc::regproc)
      """,
    target: "format('CONVERSION %I.%I', n.nspname, o.conname)",
    owner: "o.conowner",
    from: "pg_conversion o \(Fragments.schema(of: "o.connamespace"))")

  private static let parsers = ObjectQuery(
    catalog: "pg_ts_parser",
    kind: "'text_search_parser'",
    schema: "n.nspname",
    name: "o.prsname",
    ddl: """
      format('CREATE TEXT SEARCH PARSER %I.%I (START = %s, GETTOKEN = %s, END = %s, LEXTYPES = %s%s);', n.nspname,
        o.prsname, o.prsstart::regproc, o.prstoken::regproc, o.prsend::regproc, o.prslextype::regproc,
        ', HEADLINE = ' || nullif(o.prsheadline::regproc::text, '-'))
      """,
    target: "format('TEXT SEARCH PARSER %I.%I', n.nspname, o.prsname)",
    from: "pg_ts_parser o \(Fragments.schema(of: "o.prsnamespace"))")

  private static let templates = ObjectQuery(
    catalog: "pg_ts_template",
    kind: "'text_search_template'",
    schema: "n.nspname",
    name: "o.tmplname",
    ddl: """
      format('CREATE TEXT SEARCH TEMPLATE %I.%I (%sLEXIZE = %s);', n.nspname, o.tmplname,
        'INIT = ' || nullif(o.tmplinit::regproc::text, '-') || ', ', o.tmpllexize::regproc)
      """,
    target: "format('TEXT SEARCH TEMPLATE %I.%I', n.nspname, o.tmplname)",
    from: "pg_ts_template o \(Fragments.schema(of: "o.tmplnamespace"))")

  private static let dictionaries = ObjectQuery(
    catalog: "pg_ts_dict",
    kind: "'text_search_dictionary'",
    schema: "n.nspname",
    name: "o.dictname",
    ddl: """
      format('CREATE TEXT SEARCH DICTIONARY %I.%I (TEMPLATE = %I.%I%s);', n.nspname, o.dictname, tn.nspname, t.tmplname,
        ', ' || o.dictinitoption)
      """,
    target: "format('TEXT SEARCH DICTIONARY %I.%I', n.nspname, o.dictname)",
    owner: "o.dictowner",
    from: """
      pg_ts_dict o \(Fragments.schema(of: "o.dictnamespace"))
      JOIN pg_ts_template t ON t.oid = o.dicttemplate JOIN pg_namespace tn ON tn.oid = t.tmplnamespace
      """)

  private static let configurations = ObjectQuery(
    catalog: "pg_ts_config",
    kind: "'text_search_configuration'",
    schema: "n.nspname",
    name: "o.cfgname",
    ddl: """
      concat_ws(E'\\n',
        format('CREATE TEXT SEARCH CONFIGURATION %I.%I (PARSER = %I.%I);', n.nspname, o.cfgname, pn.nspname, p.prsname),
        (SELECT string_agg(format('ALTER TEXT SEARCH CONFIGURATION %I.%I ADD MAPPING FOR %I WITH %s;', n.nspname,
            o.cfgname, t.alias, m.dictionaries), E'\\n' ORDER BY t.alias)
          FROM (SELECT c.maptokentype, string_agg(c.mapdict::regdictionary::text, ', ' ORDER BY c.mapseqno) AS dictionaries
            FROM pg_ts_config_map c WHERE c.mapcfg = o.oid GROUP BY c.maptokentype) m
          JOIN ts_token_type(o.cfgparser) t ON t.tokid = m.maptokentype))
      """,
    target: "format('TEXT SEARCH CONFIGURATION %I.%I', n.nspname, o.cfgname)",
    owner: "o.cfgowner",
    from: """
      pg_ts_config o \(Fragments.schema(of: "o.cfgnamespace"))
      JOIN pg_ts_parser p ON p.oid = o.cfgparser JOIN pg_namespace pn ON pn.oid = p.prsnamespace
      """)
}
