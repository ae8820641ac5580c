import BelayDriverKit

/// Finds rows that refer to nothing, with one anti-join per foreign key.
///
/// The server enforces foreign keys itself, except when triggers are off (`session_replication_role`, DISABLE TRIGGER),
/// for NOT VALID ones, and in damaged data.
struct ForeignKeyCheck {
  /// More are reported as one finding whatever their number: which rows come first could differ each time.
  private static let most = 1000

  let table: QualifiedName
  let name: String
  let referenced: QualifiedName
  private let columns: [String]
  private let sql: String

  /// The foreign keys that this session can check; those whose tables it may not read are logged.
  /// - Parameter onlyUnguarded: those that the server may not have enforced.
  static func all(
    _ link: Link, _ operation: Operation, onlyUnguarded: Bool = false
  ) throws(DriverFailure) -> [ForeignKeyCheck] {
    try link.run(query(where: onlyUnguarded ? unguarded : "true"), operation: operation).rows.compactMap { row in
      guard let check = ForeignKeyCheck(row) else { return nil }
      guard row[12] == "t" else {
        operation.log(
          .warning,
          "the foreign key \(check.name) of \(check.shownTable) was not checked: this role may not read all of its rows"
        )
        return nil
      }
      return check
    }
  }

  func findings(_ link: Link, _ operation: Operation) throws(DriverFailure) -> [IntegrityFinding] {
    let rows = try link.run(sql, operation: operation).rows
    let target = "\(referenced.schema).\(referenced.name)"
    let message = "\(columns.joined(separator: ", ")) refers to a row that does not exist in \(target)"
    guard rows.count <= Self.most else {
      return [
        IntegrityFinding(
          check: IntegrityCheckName.foreignKey, object: shownTable,
          message: "in more than \(Self.most) rows, \(message)")
      ]
    }
    return rows.map { row in
      IntegrityFinding(
        check: IntegrityCheckName.foreignKey, object: shownTable, identity: row.first ?? nil, message: message)
    }
  }

  private var shownTable: String { "\(table.schema).\(table.name)" }

  /// A trigger of a partitioned table's key may be off on one partition.
  private static let unguarded = """
    (NOT k.convalidated OR EXISTS (
      SELECT FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_constraint p ON p.oid = g.tgconstraint
      WHERE g.tgenabled NOT IN ('O', 'A') AND (p.oid = k.oid OR p.conparentid = k.oid)))
    """

  /// A partition's copies of its parent's keys are checked with the parent.
  private static func query(where condition: String) -> String {
    """
    SELECT n.nspname, c.relname, c.relkind, k.conname, fn.nspname, f.relname, f.relkind, k.confmatchtype,
      (SELECT pg_catalog.json_agg(pg_catalog.json_build_array(a.attname, fa.attname, opn.nspname, op.oprname,
          CASE WHEN a.attcollation <> fa.attcollation AND fa.attcollation <> 0 THEN coln.nspname END, col.collname)
          ORDER BY u.place)
        FROM ROWS FROM (unnest(k.conkey), unnest(k.confkey), unnest(k.conpfeqop)) WITH ORDINALITY
          AS u(own, other, operator, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.own
        JOIN pg_catalog.pg_attribute fa ON fa.attrelid = k.confrelid AND fa.attnum = u.other
        JOIN pg_catalog.pg_operator op ON op.oid = u.operator JOIN pg_catalog.pg_namespace opn ON opn.oid = op.oprnamespace
        LEFT JOIN pg_catalog.pg_collation col ON col.oid = fa.attcollation
        LEFT JOIN pg_catalog.pg_namespace coln ON coln.oid = col.collnamespace),
      (SELECT pg_catalog.json_agg(a.attname ORDER BY u.place)
        FROM pg_catalog.pg_index i, unnest(i.indkey) WITH ORDINALITY AS u(number, place), pg_catalog.pg_attribute a
        WHERE i.indrelid = k.conrelid AND i.indisprimary AND a.attrelid = k.conrelid AND a.attnum = u.number),
      c.relname, f.relname,
      pg_catalog.has_table_privilege(c.oid, 'SELECT') AND pg_catalog.has_table_privilege(f.oid, 'SELECT')
        AND pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_schema_privilege(fn.oid, 'USAGE')
        AND NOT pg_catalog.row_security_active(c.oid) AND NOT pg_catalog.row_security_active(f.oid)
    FROM pg_catalog.pg_constraint k
      JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_class f ON f.oid = k.confrelid JOIN pg_catalog.pg_namespace fn ON fn.oid = f.relnamespace
    WHERE k.contype = 'f' AND k.conparentid = 0 AND (n.nspname !~ '^pg_' OR n.oid = pg_catalog.pg_my_temp_schema())
      AND \(condition)
    ORDER BY n.nspname, c.relname, k.conname
    """
  }

  private init?(_ row: [String?]) {
    guard row.count == 13, let schema = row[0], let table = row[1], let constraint = row[3], let otherSchema = row[4],
      let other = row[5], let pairs = row[8].flatMap({ JSONTree.read($0) })?.items
    else { return nil }
    self.table = QualifiedName(schema: schema, name: table)
    name = constraint
    referenced = QualifiedName(schema: otherSchema, name: other)
    columns = pairs.compactMap { $0.items.first?.text }
    // A foreign key does not apply to rows of inheriting tables, but does to rows of partitions.
    let only = { (kind: String?) in kind == "p" ? "" : "ONLY " }
    let own = columns.map { "c.\(SQLQuote.name($0))" }
    let equalities = zip(pairs, own).map { pair, column in
      let parts = pair.items.map { $0.text }
      let collation = parts[4].map { " COLLATE \(SQLQuote.name($0)).\(SQLQuote.name(parts[5] ?? ""))" } ?? ""
      return "f.\(SQLQuote.name(parts[1] ?? "")) OPERATOR(\(SQLQuote.name(parts[2] ?? "")).\(parts[3] ?? "=")) "
        + "\(column)\(collation)"
    }
    let keyNames = row[9].flatMap { JSONTree.read($0) }?.items.compactMap(\.text) ?? columns
    let identity = keyNames.map { "\(SQLLiteral.quoted($0 + " ")) || coalesce(c.\(SQLQuote.name($0))::text, 'NULL')" }
      .joined(separator: " || ', ' || ")
    let missing = """
      NOT EXISTS (SELECT FROM \(only(row[6]))\(SQLQuote.name(otherSchema)).\(SQLQuote.name(other)) f
        WHERE \(equalities.joined(separator: " AND ")))
      """
    let allGiven = own.map { "\($0) IS NOT NULL" }.joined(separator: " AND ")
    let from = "\(only(row[2]))\(SQLQuote.name(schema)).\(SQLQuote.name(table)) c"
    var query = "SELECT \(identity) AS identity FROM \(from) WHERE \(allGiven) AND \(missing)"
    if row[7] == "f", own.count > 1 {
      // MATCH FULL: all columns are given, or none.
      let someGiven = own.map { "\($0) IS NOT NULL" }.joined(separator: " OR ")
      let someMissing = own.map { "\($0) IS NULL" }.joined(separator: " OR ")
      query += " UNION ALL SELECT \(identity) FROM \(from) WHERE (\(someGiven)) AND (\(someMissing))"
    }
    sql = "\(query) ORDER BY 1 LIMIT \(Self.most + 1)"
  }
}
