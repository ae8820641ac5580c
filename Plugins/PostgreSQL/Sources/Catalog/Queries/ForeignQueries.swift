/// Foreign data wrappers, servers and user mappings. A value that may be a password is in no definition and no ddl: a
/// few bits of its hash show whether it changed.
enum ForeignQueries {
  static let all = [wrappers, servers, mappings]

  private static func options(_ array: String) -> String {
    "' OPTIONS (' || \(Fragments.foreignOptions(array)) || ')'"
  }

  private static let wrapper = """
    format('FOREIGN DATA WRAPPER %I%s%s%s', o.fdwname,
      ' HANDLER ' || nullif(o.fdwhandler::regproc::text, '-'), ' VALIDATOR ' || nullif(o.fdwvalidator::regproc::text, '-'),
      \(options("o.fdwoptions")))
    """

  private static let wrappers = ObjectQuery(
    catalog: "pg_foreign_data_wrapper",
    kind: "'foreign_data_wrapper'",
    name: "o.fdwname",
    definition: "concat_ws(E'\\n', \(wrapper), \(Fragments.hiddenOptions("o.fdwoptions", salt: "o.fdwname")))",
    ddl: "format('CREATE %s;', \(wrapper))",
    target: "format('FOREIGN DATA WRAPPER %I', o.fdwname)",
    owner: "o.fdwowner",
    granted: "format('FOREIGN DATA WRAPPER %I', o.fdwname)",
    acl: "o.fdwacl",
    initialACL: "acldefault('F', o.fdwowner)",
    from: "pg_foreign_data_wrapper o WHERE \(Fragments.ofUsers)")

  private static let server = """
    format('SERVER %I%s%s FOREIGN DATA WRAPPER %I%s', o.srvname, ' TYPE ' || quote_literal(o.srvtype),
      ' VERSION ' || quote_literal(o.srvversion), w.fdwname, \(options("o.srvoptions")))
    """

  private static let servers = ObjectQuery(
    catalog: "pg_foreign_server",
    kind: "'foreign_server'",
    name: "o.srvname",
    definition: "concat_ws(E'\\n', \(server), \(Fragments.hiddenOptions("o.srvoptions", salt: "o.srvname")))",
    ddl: "format('CREATE %s;', \(server))",
    target: "format('SERVER %I', o.srvname)",
    owner: "o.srvowner",
    granted: "format('FOREIGN SERVER %I', o.srvname)",
    acl: "o.srvacl",
    initialACL: "acldefault('S', o.srvowner)",
    from: "pg_foreign_server o JOIN pg_foreign_data_wrapper w ON w.oid = o.srvfdw")

  /// Only user names are certainly not secret. The view shows the options to roles that may see them.
  private static let hidden = "split_part(i, '=', 1) NOT IN ('user', 'username')"

  private static let mappings = ObjectQuery(
    catalog: "pg_user_mapping",
    oid: "o.umid",
    kind: "'user_mapping'",
    name: "o.usename",
    parent: "o.srvname",
    definition: """
      concat_ws(E'\\n', 'USER MAPPING', \(Fragments.foreignOptions("o.umoptions", hidden: hidden)),
        \(Fragments.hiddenOptions("o.umoptions", salt: "o.srvname || o.usename", hidden: hidden)))
      """,
    ddl: """
      format('CREATE USER MAPPING FOR %s SERVER %I%s;', CASE o.umuser WHEN 0 THEN 'PUBLIC' ELSE quote_ident(o.usename) END,
        o.srvname, ' OPTIONS (' || \(Fragments.foreignOptions("o.umoptions", hidden: hidden)) || ')')
      """,
    from: "pg_user_mappings o")
}
