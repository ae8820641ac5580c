import BelayDriverKit

/// Checks of data and schema. Every other check reports damage.
enum IntegrityCheckName {
  static let foreignKey = "foreign_key"
  static let constraint = "constraint"
  static let index = "index"
  static let sequence = "sequence"
}

extension PostgreSQLConnection: IntegrityChecking {
  /// The same faults must give the same findings each time: the host compares them to see which ones are new.
  func checkIntegrity(full: Bool, operation: Operation) throws(DriverFailure) -> [IntegrityFinding] {
    try shapeForReading(operation)
    return try readingCatalog(operation) { () throws(DriverFailure) in try findings(full: full, operation) }
  }

  private func findings(full: Bool, _ operation: Operation) throws(DriverFailure) -> [IntegrityFinding] {
    var findings: [IntegrityFinding] = []
    for key in try ForeignKeyCheck.all(link, operation) { findings += try key.findings(link, operation) }
    findings += try invalidIndexes(includingPartitioned: full, operation)
    findings += try sequencesBehind(full ? .all : .indexed, operation)
    guard full else { return findings }
    findings += try constraintsNotValid(operation)
    let storage = StorageCheck(link: link, operation: operation) { (body) throws(DriverFailure) in
      try self.keepingTransaction(operation, body)
    }
    return findings + (try storage.findings())
  }

  /// The server sees to constraints by itself: only foreign keys whose triggers do not fire, or that were never checked, can
  /// be broken by what the transaction writes. Tables of others are not read: each would stay locked until COMMIT.
  func checkFootprint(operation: Operation) throws(DriverFailure) -> [IntegrityFinding] {
    try shapeForReading(operation)
    return try readingCatalog(operation) { () throws(DriverFailure) in try findingsOfFootprint(operation) }
  }

  private func findingsOfFootprint(_ operation: Operation) throws(DriverFailure) -> [IntegrityFinding] {
    let written = Set(
      try footprint(operation: operation).filter { $0.inserted + $0.updated + $0.deleted > 0 }
        .map { QualifiedName(schema: $0.schema, name: $0.table) })
    var findings: [IntegrityFinding] = []
    for key in try ForeignKeyCheck.all(link, operation, onlyUnguarded: true)
    where written.contains(key.table) || written.contains(key.referenced) {
      findings += try key.findings(link, operation)
    }
    return findings + (try invalidIndexes(includingPartitioned: false, operation))
      + (try sequencesBehind(.touched, operation))
  }

  /// What a failed CREATE INDEX CONCURRENTLY leaves behind, not an index that another session is building. A
  /// partitioned table's index is invalid until all of its partitions have theirs, which may be intended.
  private func invalidIndexes(
    includingPartitioned: Bool, _ operation: Operation
  ) throws(DriverFailure) -> [IntegrityFinding] {
    let reply = try link.run(
      """
      SELECT n.nspname || '.' || c.relname, t.relname, c.relkind
      FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
        JOIN pg_catalog.pg_class t ON t.oid = i.indrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE NOT i.indisvalid AND c.relkind IN ('i'\(includingPartitioned ? ", 'I'" : ""))
        AND n.nspname !~ '^pg_' AND NOT EXISTS (
          SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid)
      ORDER BY 1
      """, operation: operation)
    return reply.rows.map { row in
      IntegrityFinding(
        check: IntegrityCheckName.index, object: row[0] ?? "",
        message: "is INVALID: queries on \(row[1] ?? "") do not use it")
    }
  }

  /// A constraint that was never checked against the rows that existed before it.
  private func constraintsNotValid(_ operation: Operation) throws(DriverFailure) -> [IntegrityFinding] {
    let reply = try link.run(
      """
      SELECT n.nspname || '.' || coalesce(c.relname, t.typname), k.conname
      FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_namespace n ON n.oid = k.connamespace
        LEFT JOIN pg_catalog.pg_class c ON c.oid = k.conrelid LEFT JOIN pg_catalog.pg_type t ON t.oid = k.contypid
      WHERE NOT k.convalidated AND n.nspname !~ '^pg_'
      ORDER BY 1, 2
      """, operation: operation)
    return reply.rows.map { row in
      IntegrityFinding(
        check: IntegrityCheckName.constraint, object: row[0] ?? "", identity: row[1],
        message: "is NOT VALID: rows that existed before it were never checked")
    }
  }

  private enum WhichSequences {
    case all
    /// Those of columns whose highest value is found without a scan of the table.
    case indexed
    /// Of these, the ones that the open transaction can have left behind: any statement that moves the sequence or writes
    /// to its table holds a stronger lock than a reader's until COMMIT.
    case touched
  }

  /// The relations that the open transaction has not only read, and what they inherit from.
  private static let touchedRelations = """
    WITH RECURSIVE touched AS (
      SELECT l.relation FROM pg_catalog.pg_locks l
      WHERE l.locktype = 'relation' AND l.pid = pg_catalog.pg_backend_pid() AND l.granted AND l.mode <> 'AccessShareLock'
        AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database())
      UNION SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN touched ON i.inhrelid = touched.relation)
    """

  /// Sequences whose next value may already be in the column. Increments other than 1 leave room for other values.
  private func sequencesBehind(
    _ which: WhichSequences, _ operation: Operation
  ) throws(DriverFailure) -> [IntegrityFinding] {
    let isTouched = "EXISTS (SELECT FROM touched WHERE touched.relation IN (s.oid, t.oid))"
    let reply = try link.run(
      """
      \(which == .touched ? Self.touchedRelations : "")
      SELECT tn.nspname, t.relname, a.attname, sn.nspname, s.relname, q.seqincrement > 0,
        EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
          JOIN pg_catalog.pg_am m ON m.oid = ic.relam AND m.amname = 'btree'
          WHERE i.indrelid = t.oid AND i.indkey[0] = a.attnum AND i.indisvalid AND i.indpred IS NULL)
      FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_class s ON s.oid = d.objid AND s.relkind = 'S'
        JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
        JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
        JOIN pg_catalog.pg_class t ON t.oid = d.refobjid AND t.relkind IN ('r', 'p')
        JOIN pg_catalog.pg_namespace tn ON tn.oid = t.relnamespace
        JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid
      WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
        AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0 AND NOT q.seqcycle AND q.seqincrement IN (1, -1)
        AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) AND tn.nspname !~ '^pg_'
        AND pg_catalog.has_column_privilege(t.oid, a.attnum, 'SELECT') AND NOT pg_catalog.row_security_active(t.oid)
        AND pg_catalog.has_schema_privilege(tn.oid, 'USAGE') AND pg_catalog.has_schema_privilege(sn.oid, 'USAGE')
        AND CASE WHEN s.relkind = 'S' THEN pg_catalog.has_sequence_privilege(s.oid, 'SELECT') END
        \(which == .touched ? "AND " + isTouched : "")
      ORDER BY 1, 2, 3
      """, operation: operation)
    let questions = reply.rows.filter { which == .all || $0[6] == "t" }.map { row -> String in
      let names = row.map { SQLQuote.name($0 ?? "") }
      let (extreme, order) = row[5] == "t" ? ("max", ">") : ("min", "<")
      let shown = SQLLiteral.quoted("\(row[3] ?? "").\(row[4] ?? "")")
      let column = SQLLiteral.quoted("\(row[0] ?? "").\(row[1] ?? "").\(row[2] ?? "")")
      // A sequence that was never used gives its last value itself next.
      return """
        SELECT \(shown), \(column) FROM \(names[3]).\(names[4]) s
        WHERE (SELECT \(extreme)(t.\(names[2])) FROM \(names[0]).\(names[1]) t) \(order)=
          CASE WHEN s.is_called THEN s.last_value \(row[5] == "t" ? "+" : "-") 1 ELSE s.last_value END
        """
    }
    var findings: [IntegrityFinding] = []
    for start in stride(from: 0, to: questions.count, by: 50) {
      let batch = questions[start..<min(start + 50, questions.count)].joined(separator: " UNION ALL ")
      findings += try link.run(batch, operation: operation).rows.map { row in
        IntegrityFinding(
          check: IntegrityCheckName.sequence, object: row[0] ?? "", identity: row[1],
          message: "is behind its column: the next values that it gives may already be in use")
      }
    }
    return findings
  }
}
