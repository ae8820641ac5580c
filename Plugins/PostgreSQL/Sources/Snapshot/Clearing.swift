import BelayDriverKit

/// Empties a database before a dump is restored into it: queries that each return statements, to be run one after the
/// other in one transaction.
///
/// If none of them returns a statement, the database is as CREATE DATABASE makes it from template0.
struct Clearing {
  /// Extensions that are kept: the dump contains them too, and a role that is not a superuser could not install them
  /// again.
  let kept: [DumpedExtension]
  /// Whether schema public must exist afterwards.
  let needsPublic: Bool
  /// As libpq gives it.
  let server: Int32

  /// In the order in which they must be run: what a later one finds depends on what the earlier ones have dropped.
  var queries: [String] {
    [
      dropping("event_trigger", "x.evtname"), dropping("publication", "x.pubname"), extensions, configurations, schemas,
      objects, globals, largeObjects, defaultPrivileges, keptSchemas, missingPublic, publicOwner, publicPrivileges,
      publicComment,
    ]
  }

  /// Those that find something where the database has more than what stays.
  var contentQueries: [String] {
    [
      dropping("event_trigger", "x.evtname"), dropping("publication", "x.pubname"), extensions, schemas, objects,
      globals, largeObjects, defaultPrivileges,
    ]
  }

  // MARK: Conditions

  /// Created by a user, not as part of an extension.
  private func isOwn(_ catalog: String, _ alias: String = "x") -> String {
    """
    \(alias).oid >= 16384 AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
      WHERE d.classid = 'pg_catalog.\(catalog)'::pg_catalog.regclass AND d.objid = \(alias).oid AND d.deptype = 'e')
    """
  }

  /// As a condition on the extension `e`.
  private var isKept: String {
    let pairs = kept.map { "(\(SQLLiteral.quoted($0.name)), \(SQLLiteral.quoted($0.schema)))" }
    let named = """
      (e.extname::text, (SELECT k.nspname::text FROM pg_catalog.pg_namespace k WHERE k.oid = e.extnamespace))
      """
    return "(e.oid < 16384" + (pairs.isEmpty ? ")" : " OR \(named) IN (\(pairs.joined(separator: ", "))))")
  }

  /// Schemas that are not dropped: public, and those of the extensions that are kept.
  private var keptNamespaces: String {
    """
    (SELECT k.oid FROM pg_catalog.pg_namespace k WHERE k.nspname = 'public'
      UNION SELECT e.extnamespace FROM pg_catalog.pg_extension e WHERE \(isKept)
      UNION SELECT d.objid FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_catalog.pg_namespace'::pg_catalog.regclass AND d.deptype = 'e' AND \(isKept))
    """
  }

  /// A role that does not own a schema cannot have altered it either.
  private let mayAlter = "pg_catalog.pg_has_role(n.nspowner, 'USAGE')"

  private let isUserSchema = "n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"

  // MARK: What is dropped

  private func dropping(_ kind: String, _ name: String) -> String {
    """
    SELECT pg_catalog.format('DROP \(kind.uppercased().replacing("_", with: " ")) IF EXISTS %I CASCADE', \(name))
    FROM pg_catalog.pg_\(kind) x WHERE \(isOwn("pg_\(kind)"))
    """
  }

  private var extensions: String {
    """
    SELECT pg_catalog.format('DROP EXTENSION IF EXISTS %I CASCADE', e.extname)
    FROM pg_catalog.pg_extension e WHERE NOT \(isKept)
    """
  }

  /// Rows of users in the tables of an extension: the dump contains its own.
  private var configurations: String {
    """
    SELECT pg_catalog.format('DELETE FROM %s %s', c.oid::pg_catalog.regclass, t.condition)
    FROM pg_catalog.pg_extension e, unnest(e.extconfig, e.extcondition) t (relation, condition),
      pg_catalog.pg_class c
    WHERE c.oid = t.relation AND c.relkind IN ('r', 'p') AND \(isKept)
    """
  }

  private var schemas: String {
    """
    SELECT pg_catalog.format('DROP SCHEMA IF EXISTS %I CASCADE', n.nspname)
    FROM pg_catalog.pg_namespace n WHERE \(isUserSchema) AND n.oid NOT IN \(keptNamespaces) AND \(isOwn("pg_namespace", "n"))
    """
  }

  /// In the schemas that are kept.
  private var objects: String {
    let relations = """
      SELECT 'pg_catalog.pg_class'::pg_catalog.regclass AS class, x.oid, x.relnamespace AS namespace
      FROM pg_catalog.pg_class x WHERE x.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND \(isOwn("pg_class"))
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
          AND d.objid = x.oid AND d.objsubid = 0 AND d.deptype IN ('i', 'a', 'P', 'S')
          AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass)
      """
    // Row types, array types and multiranges are dropped with the type that they belong to.
    let types = """
      SELECT 'pg_catalog.pg_type'::pg_catalog.regclass, x.oid, x.typnamespace
      FROM pg_catalog.pg_type x LEFT JOIN pg_catalog.pg_class r ON r.oid = x.typrelid
      WHERE (x.typrelid = 0 OR r.relkind = 'c') AND x.typtype <> 'm' AND \(isOwn("pg_type"))
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_type y WHERE y.typarray = x.oid)
      """
    let others = [
      ("pg_proc", "pronamespace"), ("pg_operator", "oprnamespace"), ("pg_opclass", "opcnamespace"),
      ("pg_opfamily", "opfnamespace"), ("pg_collation", "collnamespace"), ("pg_conversion", "connamespace"),
      ("pg_ts_config", "cfgnamespace"), ("pg_ts_dict", "dictnamespace"), ("pg_ts_parser", "prsnamespace"),
      ("pg_ts_template", "tmplnamespace"), ("pg_statistic_ext", "stxnamespace"),
    ].map { catalog, namespace in
      """
      SELECT 'pg_catalog.\(catalog)'::pg_catalog.regclass, x.oid, x.\(namespace)
      FROM pg_catalog.\(catalog) x WHERE \(isOwn(catalog))
      """
    }
    return """
      SELECT pg_catalog.format('DROP %s IF EXISTS %s CASCADE', \(kindWord), i.identity)
      FROM (\(([relations, types] + others).joined(separator: " UNION ALL "))) o
        CROSS JOIN LATERAL pg_catalog.pg_identify_object(o.class, o.oid, 0) i
      WHERE o.namespace IN (SELECT n.oid FROM pg_catalog.pg_namespace n WHERE \(isUserSchema))
      """
  }

  /// In no schema. Casts that need a user's function or type were dropped with it.
  private var globals: String {
    let catalogs = [
      "pg_cast", "pg_transform", "pg_language", "pg_foreign_server", "pg_foreign_data_wrapper", "pg_am",
    ]
    let all = catalogs.map { catalog in
      """
      SELECT 'pg_catalog.\(catalog)'::pg_catalog.regclass AS class, x.oid FROM pg_catalog.\(catalog) x
      WHERE \(isOwn(catalog))
      """
    }
    return """
      SELECT pg_catalog.format('DROP %s IF EXISTS %s CASCADE', \(kindWord), i.identity)
      FROM (\(all.joined(separator: " UNION ALL "))) o
        CROSS JOIN LATERAL pg_catalog.pg_identify_object(o.class, o.oid, 0) i
      """
  }

  /// The word that DROP uses for a type of pg_identify_object.
  private let kindWord = """
    CASE WHEN i.type IN ('function', 'procedure', 'aggregate', 'window function') THEN 'ROUTINE'
      WHEN i.type = 'statistics object' THEN 'STATISTICS' WHEN i.type = 'foreign-data wrapper' THEN 'FOREIGN DATA WRAPPER'
      WHEN i.type = 'composite type' THEN 'TYPE' ELSE i.type END
    """

  /// One statement for all of them: there may be very many.
  private var largeObjects: String {
    """
    SELECT 'SELECT pg_catalog.count(pg_catalog.lo_unlink(oid)) FROM pg_catalog.pg_largeobject_metadata'
    WHERE EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)
    """
  }

  /// ALTER DEFAULT PRIVILEGES cannot drop an entry: the entry disappears when it equals the built-in default.
  private var defaultPrivileges: String {
    let kinds = """
      CASE a.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
        WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' WHEN 'L' THEN 'LARGE OBJECTS' END
      """
    let begin = """
      pg_catalog.format('ALTER DEFAULT PRIVILEGES FOR ROLE %I', pg_catalog.pg_get_userbyid(a.defaclrole))
        || coalesce(' IN SCHEMA ' || pg_catalog.quote_ident(n.nspname), '')
      """
    return """
      SELECT s.statement FROM pg_catalog.pg_default_acl a LEFT JOIN pg_catalog.pg_namespace n ON n.oid = a.defaclnamespace
        CROSS JOIN LATERAL (
          SELECT 1 AS step, pg_catalog.format('%s REVOKE ALL ON %s FROM %s', \(begin), \(kinds), \(grantee)) AS statement
          FROM (SELECT DISTINCT grantee FROM pg_catalog.aclexplode(a.defaclacl)) g
          UNION ALL SELECT 2, pg_catalog.format('%s GRANT ALL ON %s TO %I', \(begin), \(kinds),
            pg_catalog.pg_get_userbyid(a.defaclrole)) WHERE n.oid IS NULL
          UNION ALL SELECT 3, pg_catalog.format('%s GRANT ALL ON %s TO PUBLIC', \(begin), \(kinds))
            WHERE n.oid IS NULL AND a.defaclobjtype IN ('f', 'T')
        ) s
      ORDER BY a.oid, s.step
      """
  }

  private let grantee = """
    CASE g.grantee WHEN 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(g.grantee)) END
    """

  /// Privileges on schemas that are kept because of their extensions.
  private var keptSchemas: String {
    """
    SELECT s.statement FROM pg_catalog.pg_namespace n CROSS JOIN LATERAL (
        SELECT 1 AS step, pg_catalog.format('REVOKE ALL ON SCHEMA %I FROM %s CASCADE', n.nspname, \(grantee)) AS statement
        FROM (SELECT DISTINCT grantee FROM pg_catalog.aclexplode(n.nspacl)) g
        UNION ALL SELECT 2, pg_catalog.format('GRANT ALL ON SCHEMA %I TO %I', n.nspname,
          pg_catalog.pg_get_userbyid(n.nspowner))
        UNION ALL SELECT 3, pg_catalog.format('COMMENT ON SCHEMA %I IS NULL', n.nspname)
      ) s
    WHERE \(isUserSchema) AND n.nspname <> 'public' AND n.oid IN \(keptNamespaces) AND \(isOwn("pg_namespace", "n"))
      AND \(mayAlter)
    ORDER BY n.oid, s.step
    """
  }

  // MARK: Schema public, which a dump expects to exist

  /// Its owner in a new database.
  private var standardOwner: String {
    server >= 150000 ? "'pg_database_owner'" : "pg_catalog.pg_get_userbyid(10)"
  }

  private var standardPrivileges: [String] { server >= 150000 ? ["USAGE"] : ["USAGE", "CREATE"] }

  private var missingPublic: String {
    """
    SELECT 'CREATE SCHEMA public'
    WHERE \(needsPublic) AND NOT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = 'public')
    """
  }

  private var publicOwner: String {
    """
    SELECT pg_catalog.format('ALTER SCHEMA public OWNER TO %I', \(standardOwner)) FROM pg_catalog.pg_namespace n
    WHERE n.nspname = 'public' AND pg_catalog.pg_get_userbyid(n.nspowner) <> \(standardOwner) AND \(mayAlter)
      AND pg_catalog.pg_has_role(\(standardOwner), 'USAGE')
    """
  }

  private var publicPrivileges: String {
    let granted = standardPrivileges.map { "(0::pg_catalog.oid, '\($0)', false)" }
    let standard = (granted + ["(n.nspowner, 'USAGE', false)", "(n.nspowner, 'CREATE', false)"]).joined(separator: ", ")
    return """
      SELECT s.statement FROM pg_catalog.pg_namespace n CROSS JOIN LATERAL (
          SELECT 1 AS step, pg_catalog.format('REVOKE ALL ON SCHEMA public FROM %s CASCADE', \(grantee)) AS statement
          FROM (SELECT DISTINCT grantee FROM pg_catalog.aclexplode(n.nspacl)) g
          UNION ALL SELECT 2, pg_catalog.format('GRANT ALL ON SCHEMA public TO %I',
            pg_catalog.pg_get_userbyid(n.nspowner))
          UNION ALL SELECT 3, 'GRANT \(standardPrivileges.joined(separator: ", ")) ON SCHEMA public TO PUBLIC'
        ) s
      WHERE n.nspname = 'public' AND \(mayAlter) AND EXISTS (
        SELECT grantee, privilege_type, is_grantable FROM pg_catalog.aclexplode(n.nspacl)
          FULL JOIN (VALUES \(standard)) w (grantee, privilege_type, is_grantable)
            USING (grantee, privilege_type, is_grantable)
        WHERE grantor IS NULL OR w.grantee IS NULL)
      ORDER BY s.step
      """
  }

  private var publicComment: String {
    """
    SELECT 'COMMENT ON SCHEMA public IS ''standard public schema''' FROM pg_catalog.pg_namespace n
    WHERE n.nspname = 'public' AND \(mayAlter)
      AND pg_catalog.obj_description(n.oid, 'pg_namespace') IS DISTINCT FROM 'standard public schema'
    """
  }
}
