import BelayDriverKit

/// Large objects (their content is read elsewhere), and grants on objects that this catalog does not list: members of
/// extensions, and what initdb created.
enum PrivilegeQueries {
  static func all(_ version: Int) -> [ObjectQuery] {
    [
      largeObjects(version), grants,
      granted("pg_class", "CASE o.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END", "o.relname", "rel"),
      granted("pg_proc", "CASE o.prokind WHEN 'p' THEN 'PROCEDURE' ELSE 'FUNCTION' END", function, "pro", bare: true),
      granted("pg_type", "'TYPE'", "o.typname", "typ"),
      schemas, languages,
    ]
  }

  /// Who was granted something on a relation, or on a column of one. The statements are the relation's own.
  private static let grants = ObjectQuery(
    catalog: "pg_class",
    oid: "0",
    kind: "'grant'",
    rank: "'acl'",
    schema: "n.nspname",
    name: "o.name",
    parent: "r.relname",
    relation: "r.oid",
    definition: "o.privileges",
    flags: "\(ObjectFlags.toldTwice.rawValue)",
    from: """
      (SELECT g.relation, concat(CASE g.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(g.grantee)::text END,
          ' (' || g.attname || ')') AS name,
        string_agg(g.privilege_type || CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', '
          ORDER BY g.privilege_type, g.is_grantable) AS privileges
      FROM (SELECT c.oid AS relation, NULL AS attname, a.grantee, a.privilege_type, a.is_grantable
          FROM pg_class c CROSS JOIN LATERAL aclexplode(c.relacl) a
          WHERE c.relacl IS NOT NULL AND a.grantee <> c.relowner
        UNION ALL
        SELECT t.attrelid, t.attname, a.grantee, a.privilege_type, a.is_grantable
          FROM pg_attribute t CROSS JOIN LATERAL aclexplode(t.attacl) a
          WHERE t.attacl IS NOT NULL AND NOT t.attisdropped) g
      GROUP BY g.relation, g.attname, g.grantee) o
      JOIN pg_class r ON r.oid = o.relation AND r.relkind IN ('r', 'p', 'f', 'v', 'm', 'S')
      \(Fragments.schema(of: "r.relnamespace"))
      """)

  private static func largeObjects(_ version: Int) -> ObjectQuery {
    ObjectQuery(
      catalog: "pg_largeobject",
      kind: "'large_object'",
      name: "o.oid",
      definition: "'LARGE OBJECT'",
      ddl: "format('SELECT pg_catalog.lo_create(%s);', o.oid)",
      target: "format('LARGE OBJECT %s', o.oid)",
      owner: "o.lomowner",
      granted: "format('LARGE OBJECT %s', o.oid)",
      acl: "o.lomacl",
      initialACL: "acldefault('L', o.lomowner)",
      from: "pg_largeobject_metadata o")
  }

  private static let function = "format('%I.%I(%s)', n.nspname, o.proname, oidvectortypes(o.proargtypes))"

  /// What its extension, or initdb, granted.
  /// - Parameter usual: What holds where neither has said so.
  private static func initial(_ catalog: String, usual: String = "i.usual") -> String {
    """
    coalesce((SELECT p.initprivs FROM pg_init_privs p WHERE p.classoid = '\(catalog)'::regclass AND p.objoid = o.oid
      AND p.objsubid = 0), \(usual))
    """
  }

  /// initdb lets everybody read information_schema, and notes that nowhere.
  private static let usualOfRelation = """
    i.usual || CASE WHEN n.nspname = 'information_schema' AND o.oid < 16384
      THEN ARRAY[makeaclitem(0, o.relowner, 'SELECT', false)] ELSE '{}' END
    """

  private static func granted(
    _ catalog: String, _ word: String, _ name: String, _ prefix: String, bare: Bool = false
  ) -> ObjectQuery {
    let letter = ["rel": "CASE o.relkind WHEN 'S' THEN 's' ELSE 'r' END", "pro": "'f'"][prefix] ?? "'T'"
    let initial = initial(catalog, usual: prefix == "rel" ? usualOfRelation : "i.usual")
    let target = bare ? "format('%s %s', \(word), \(name))" : "format('%s %I.%I', \(word), n.nspname, \(name))"
    return ObjectQuery(
      catalog: catalog,
      oid: "0",
      kind: "'acl'",
      schema: "n.nspname",
      name: target,
      grantor: "o.\(prefix)owner",
      granted: target,
      acl: "o.\(prefix)acl",
      initialACL: initial,
      from: """
        \(catalog) o JOIN pg_namespace n ON n.oid = o.\(prefix)namespace
        CROSS JOIN LATERAL (SELECT acldefault((\(letter))::"char", o.\(prefix)owner) AS usual) i
        WHERE o.\(prefix)acl IS NOT NULL AND n.nspname !~ '^pg_(temp|toast)' AND (o.oid < 16384
          OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = '\(catalog)'::regclass AND d.objid = o.oid
            AND d.deptype = 'e'))
          AND o.\(prefix)acl IS DISTINCT FROM \(initial)
        """)
  }

  private static let schemas = system("pg_namespace", "SCHEMA", "nspname", "nspowner", "nspacl", "n")
  private static let languages = system("pg_language", "LANGUAGE", "lanname", "lanowner", "lanacl", "l")

  private static func system(
    _ catalog: String, _ word: String, _ name: String, _ owner: String, _ acl: String, _ letter: String
  ) -> ObjectQuery {
    ObjectQuery(
      catalog: catalog,
      oid: "0",
      kind: "'acl'",
      name: "format('\(word) %I', o.\(name))",
      grantor: "o.\(owner)",
      granted: "format('\(word) %I', o.\(name))",
      acl: "o.\(acl)",
      initialACL: initial(catalog),
      from: """
        \(catalog) o CROSS JOIN LATERAL (SELECT acldefault('\(letter)', o.\(owner)) AS usual) i
        WHERE o.\(acl) IS NOT NULL AND o.\(name) <> 'public' AND o.\(name) !~ '^pg_(temp|toast)' AND (o.oid < 16384
          OR EXISTS (SELECT FROM pg_depend d WHERE d.classid = '\(catalog)'::regclass AND d.objid = o.oid
            AND d.deptype = 'e'))
          AND o.\(acl) IS DISTINCT FROM \(initial(catalog))
        """)
  }
}
