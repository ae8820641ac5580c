import BelayDriverKit

extension SchemaModel {
  /// Reads what names refer to, with one query for each kind of object.
  init(reading link: Link, _ operation: Operation) throws(DriverFailure) {
    let session = try link.run(
      """
      SELECT current_user, current_setting('server_version_num'), array_to_json(current_schemas(false)),
        current_setting('search_path')
      """, operation: operation)
    user = session.rows.first?[0] ?? ""
    initialUser = user
    serverVersion = session.rows.first?[1].flatMap { Int($0) } ?? 0
    searchPath = Self.path(session.rows.first?[3] ?? "")
    initialSearchPath = searchPath
    for row in try link.run("SELECT nspname FROM pg_catalog.pg_namespace", operation: operation).rows {
      if let name = row[0] { schemas.insert(name) }
    }
    try readServerNames(link, operation)
    try readRelations(link, operation)
    try readColumns(link, operation)
    try readConstraints(link, operation)
    try readBonds(link, operation)
    try readRoutines(link, operation)
    try readTypes(link, operation)
  }

  /// PostgreSQL's own schemas; a script cannot rename them.
  private static let own = "('pg_catalog', 'information_schema', 'pg_toast')"
  private static let isUsers =
    "n.nspname NOT IN \(own) AND (n.nspname !~ '^pg_(toast_)?temp_' OR n.oid = pg_my_temp_schema())"

  private mutating func readServerNames(_ link: Link, _ operation: Operation) throws(DriverFailure) {
    let reply = try link.run(
      """
      SELECT (SELECT pg_catalog.json_agg(relname) FROM pg_catalog.pg_class
          WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v')),
        (SELECT pg_catalog.json_agg(typname) FROM pg_catalog.pg_type WHERE typnamespace = 'pg_catalog'::regnamespace),
        (SELECT pg_catalog.json_agg(DISTINCT proname) FROM pg_catalog.pg_proc
          WHERE pronamespace = 'pg_catalog'::regnamespace)
      """, operation: operation)
    guard let row = reply.rows.first, row.count == 3 else { return }
    server = ServerNames(
      relations: Set(Self.names(row[0])), types: Set(Self.names(row[1])), routines: Set(Self.names(row[2])))
  }

  private mutating func readRelations(_ link: Link, _ operation: Operation) throws(DriverFailure) {
    let reply = try link.run(
      """
      SELECT c.oid, CASE WHEN n.oid = pg_my_temp_schema() THEN 'pg_temp' ELSE n.nspname END, c.relname, c.relkind,
        c.reltuples::bigint, CASE WHEN c.relkind IN ('r', 'm') THEN c.relpages::bigint * 8192 ELSE 0 END, i.indrelid,
        (c.relhasrules AND c.relkind IN ('r', 'p')) OR (c.relkind = 'v' AND EXISTS (
          SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = c.oid AND t.tgtype & 64 <> 0))
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
      WHERE c.relkind <> 't' AND \(Self.isUsers)
      """, operation: operation)
    for row in reply.rows {
      guard let id = row[0].flatMap({ Int($0) }), let schema = row[1], let name = row[2],
        let kind = row[3].flatMap(Relation.Kind.init(rawValue:))
      else { continue }
      var relation = Relation(name: QualifiedName(schema: schema, name: name), kind: kind)
      relation.rows = row[4].flatMap { Int64($0) } ?? -1
      relation.bytes = row[5].flatMap { Int64($0) } ?? 0
      relation.table = row[6].flatMap { Int($0) }
      relation.isRewritten = row[7] == "t"
      load(relation, id: id)
    }
  }

  private mutating func readColumns(_ link: Link, _ operation: Operation) throws(DriverFailure) {
    let reply = try link.run(
      """
      SELECT a.attrelid, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.atthasdef
      FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'f', 'v', 'm', 'c') AND \(Self.isUsers)
      ORDER BY a.attrelid, a.attnum
      """, operation: operation)
    for row in reply.rows {
      guard let id = row[0].flatMap({ Int($0) }) else { continue }
      let column = Column(
        name: row[1] ?? "", type: row[2] ?? "", isNotNull: row[3] == "t", hasDefault: row[4] == "t")
      change(id) { $0.columns.append(column) }
    }
  }

  private mutating func readConstraints(_ link: Link, _ operation: Operation) throws(DriverFailure) {
    let reply = try link.run(
      """
      SELECT k.conrelid, k.conname, k.contype, k.convalidated,
        (SELECT pg_catalog.json_agg(a.attname ORDER BY o) FROM unnest(k.conkey) WITH ORDINALITY AS u(number, o)
          JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number),
        CASE WHEN k.contype = 'c' THEN pg_catalog.pg_get_constraintdef(k.oid) END
      FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE \(Self.isUsers)
      """, operation: operation)
    for row in reply.rows {
      guard let id = row[0].flatMap({ Int($0) }), let kind = row[2].flatMap(Constraint.Kind.init(rawValue:)) else {
        continue
      }
      let constraint = Constraint(
        name: row[1] ?? "", kind: kind, isValidated: row[3] == "t",
        columns: Self.names(row[4]), text: row[5] ?? "")
      change(id) { $0.constraints.append(constraint) }
    }
  }

  /// What belongs to what: partitions, inheritance, owned sequences, views.
  private mutating func readBonds(_ link: Link, _ operation: Operation) throws(DriverFailure) {
    for row in try link.run(
      "SELECT inhrelid, inhparent FROM pg_catalog.pg_inherits ORDER BY inhparent, inhseqno", operation: operation
    ).rows {
      guard let child = row[0].flatMap({ Int($0) }), let parent = row[1].flatMap({ Int($0) }) else { continue }
      self.link(child, to: parent)
    }
    let partitioned = """
      SELECT p.partrelid, 0 = ANY (p.partattrs), (SELECT pg_catalog.json_agg(a.attname) FROM pg_catalog.pg_attribute a
        WHERE a.attrelid = p.partrelid AND a.attnum = ANY (p.partattrs)) FROM pg_catalog.pg_partitioned_table p
      """
    for row in try link.run(partitioned, operation: operation).rows {
      guard let id = row[0].flatMap({ Int($0) }) else { continue }
      change(id) { $0.partitionKey = row[1] == "t" ? nil : Self.names(row[2]) }
    }
    let owned = """
      SELECT d.objid, d.refobjid, a.attname FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind = 'S'
        JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
        AND d.objsubid = 0 AND d.deptype IN ('a', 'i')
      """
    for row in try link.run(owned, operation: operation).rows {
      guard let id = row[0].flatMap({ Int($0) }), let table = row[1].flatMap({ Int($0) }) else { continue }
      change(id) {
        $0.table = table
        $0.ownerColumn = row[2]
      }
    }
    let keys = """
      SELECT i.indexrelid, (SELECT pg_catalog.json_agg(coalesce(a.attname, '') ORDER BY u.place)
        FROM unnest(i.indkey) WITH ORDINALITY AS u(number, place)
          LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number)
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE \(Self.isUsers)
      """
    for row in try link.run(keys, operation: operation).rows {
      guard let id = row[0].flatMap({ Int($0) }) else { continue }
      change(id) { $0.columns = Self.names(row[1]).map { Column(name: $0, type: "") } }
    }
    let needs = """
      SELECT d.objid, pg_catalog.json_agg(DISTINCT a.attname) FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_class c ON c.oid = d.objid AND c.relkind IN ('i', 'I')
        JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
        AND d.refobjsubid > 0
      GROUP BY d.objid
      """
    for row in try link.run(needs, operation: operation).rows {
      guard let id = row[0].flatMap({ Int($0) }) else { continue }
      change(id) { $0.needs = Set(Self.names(row[1])) }
    }
    let grants = """
      SELECT a.attrelid, a.attname, pg_catalog.json_agg(DISTINCT \(Self.grantee))
      FROM pg_catalog.pg_attribute a CROSS JOIN LATERAL pg_catalog.aclexplode(a.attacl) g
      WHERE a.attacl IS NOT NULL GROUP BY 1, 2
      """
    for row in try link.run(grants, operation: operation).rows {
      guard let id = row[0].flatMap({ Int($0) }), let column = row[1] else { continue }
      columnGrants[id, default: [:]][column] = Self.names(row[2]).map { "\($0) (\(column))" }
    }
    let grantees = """
      SELECT c.oid, pg_catalog.json_agg(DISTINCT \(Self.grantee))
      FROM pg_catalog.pg_class c CROSS JOIN LATERAL pg_catalog.aclexplode(c.relacl) g
      WHERE c.relacl IS NOT NULL AND g.grantee <> c.relowner GROUP BY 1
      """
    for row in try link.run(grantees, operation: operation).rows {
      if let id = row[0].flatMap({ Int($0) }) { self.grantees[id] = Set(Self.names(row[1])) }
    }
    let views = """
      SELECT DISTINCT r.ev_class, d.refobjid FROM pg_catalog.pg_rewrite r
        JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND d.objid = r.oid
          AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid <> r.ev_class
        JOIN pg_catalog.pg_class c ON c.oid = r.ev_class AND c.relkind = 'v'
      """
    for row in try link.run(views, operation: operation).rows {
      guard let view = row[0].flatMap({ Int($0) }), let read = row[1].flatMap({ Int($0) }) else { continue }
      change(view) { $0.reads.append(read) }
    }
  }

  /// As the catalog has it in the name of a grant `g`.
  private static let grantee =
    "CASE g.grantee WHEN 0 THEN 'public' ELSE pg_catalog.pg_get_userbyid(g.grantee)::text END"

  private mutating func readRoutines(_ link: Link, _ operation: Operation) throws(DriverFailure) {
    let reply = try link.run(
      """
      SELECT n.nspname, p.proname, (SELECT string_agg(CASE WHEN en.nspname = 'pg_catalog'
            THEN pg_catalog.format_type(u.type, NULL)
            ELSE pg_catalog.format('%I.%I', en.nspname, e.typname) || CASE WHEN e.oid <> t.oid THEN '[]' ELSE '' END END,
          ', ' ORDER BY u.place)
        FROM unnest(p.proargtypes) WITH ORDINALITY AS u(type, place) JOIN pg_catalog.pg_type t ON t.oid = u.type
          JOIN pg_catalog.pg_type e ON e.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
          JOIN pg_catalog.pg_namespace en ON en.oid = e.typnamespace), p.provolatile = 'v', p.prokind,
        (SELECT e.extname FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
          WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
            AND d.refclassid = 'pg_catalog.pg_extension'::regclass)
      FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace WHERE \(Self.isUsers)
      """, operation: operation)
    routines = reply.rows.map { row in
      Routine(
        name: QualifiedName(schema: row[0] ?? "", name: row[1] ?? ""),
        kind: ["p": ObjectKind.procedure, "a": ObjectKind.aggregate][row[4] ?? ""] ?? ObjectKind.function,
        arguments: row[2] ?? "", isVolatile: row[3] == "t", extensionName: row[5] ?? "")
    }
  }

  private mutating func readTypes(_ link: Link, _ operation: Operation) throws(DriverFailure) {
    let reply = try link.run(
      """
      SELECT n.nspname, t.typname, t.typtype FROM pg_catalog.pg_type t
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
      WHERE (t.typrelid = 0 OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))
        AND t.typelem = 0 AND \(Self.isUsers)
      """, operation: operation)
    for row in reply.rows {
      let name = QualifiedName(schema: row[0] ?? "", name: row[1] ?? "")
      types[name] = UserType(name: name, form: row[2].flatMap(UserType.Form.init(rawValue:)) ?? .base)
    }
    let statistics = try link.run(
      """
      SELECT n.nspname, s.stxname, s.stxrelid, (SELECT pg_catalog.json_agg(DISTINCT a.attname)
        FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.refobjid
          AND a.attnum = d.refobjsubid
        WHERE d.classid = 'pg_catalog.pg_statistic_ext'::regclass AND d.objid = s.oid
          AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjsubid > 0)
      FROM pg_catalog.pg_statistic_ext s JOIN pg_catalog.pg_namespace n ON n.oid = s.stxnamespace
      """, operation: operation)
    for row in statistics.rows {
      guard let table = row[2].flatMap({ Int($0) }) else { continue }
      let name = QualifiedName(schema: row[0] ?? "", name: row[1] ?? "")
      self.statistics[name] = table
      statisticsColumns[name] = Set(Self.names(row[3]))
    }
  }

  /// Parses a JSON array of names, in which no part of a name can look like a separator.
  private static func names(_ json: String?) -> [String] {
    (json.flatMap { JSONTree.read($0) }?.items ?? []).map { $0.text ?? "" }
  }

  /// The setting's own spelling: names separated by commas, in quotes where they need them.
  static func path(_ setting: String) -> [String] {
    var names: [String] = []
    var name = ""
    var isQuoted = false
    for character in setting {
      switch character {
      case "\"": isQuoted.toggle()
      case "," where !isQuoted:
        names.append(name)
        name = ""
      case " " where !isQuoted: break
      default: name.append(character)
      }
    }
    names.append(name)
    return names.filter { !$0.isEmpty }
  }
}
