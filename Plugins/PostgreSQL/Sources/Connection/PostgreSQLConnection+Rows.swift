import BelayDriverKit
import CPostgreSQL

/// Tables are read and loaded by COPY: several times faster than queries and INSERTs.
extension PostgreSQLConnection: RowTransferring {
  func read(_ table: TableColumns, operation: Operation, into rows: RowWriter) throws(DriverFailure) {
    try shapeForReading(operation)
    let select = selectStatement(table)
    try Link.refuseNUL(select)
    var isTold = false
    try reading(operation, canRepeat: { !isTold }) { (link) throws(DriverFailure) in
      // COPY does not report the columns' types.
      let described = try describe(select, by: link, operation)
      defer { PQclear(described) }
      let (types, names) = columns(of: described)
      try learnNames(of: types, operation)
      let reader = CopyRowReader(forms: types.map(\.form))
      isTold = true
      try rows.columns(zip(types, names).map { ResultColumn($1, nativeType: typeNames[$0] ?? "") })
      try link.copyOut("COPY (\(select)) TO STDOUT", operation: operation) { (row) throws(DriverFailure) in
        try reader.read(row, into: rows)
      }
    }
  }

  /// A table that others have dropped is not there, which is another thing than a statement that is wrong.
  private func describe(_ select: String, by link: Link, _ operation: Operation) throws(DriverFailure) -> OpaquePointer
  {
    do throws(DriverFailure) {
      return try link.describe(select, operation: operation)
    } catch {
      var failure = error
      if ["42P01", "3F000"].contains(failure.sqlState) { failure.code = .notFound }
      throw failure
    }
  }

  private func selectStatement(_ table: TableColumns) -> String {
    guard table.schema == "pg_catalog", table.name == "pg_sequences" else {
      // What a table's heirs hold is theirs.
      return "SELECT \(table.columnList) FROM ONLY \(table.quotedName)"
    }
    return "SELECT \(table.columnList) FROM (\(view?.sequences ?? SequenceValues.present)) s"
  }

  func load(_ rows: Parameters, into table: TableColumns, operation: Operation) throws(DriverFailure) {
    // The values were read with these settings too.
    try shapeForReading(operation)
    if let statement = table.settingStatement {
      return try keepingTransaction(operation) { () throws(DriverFailure) in _ = try send(statement, rows, operation) }
    }
    let copy = "COPY \(table.quotedName) (\(table.columnList)) FROM STDIN"
    try Link.refuseNUL(copy)
    do throws(DriverFailure) {
      _ = try keepingTransaction(operation) { () throws(DriverFailure) in
        let encoder = CopyEncoder(rows)
        return try link.copyIn(copy, operation: operation) { () throws(DriverFailure) in encoder.next() }
      }
    } catch {
      // Views, and tables with row-level security, accept rows by INSERT only.
      guard ["0A000", "42809"].contains(error.sqlState) else { throw error }
      let places = (1...table.columns.count).map { "$\($0)" }.joined(separator: ", ")
      // As with COPY, identity columns get the rows' own values.
      let insert =
        "INSERT INTO \(table.quotedName) (\(table.columnList)) OVERRIDING SYSTEM VALUE VALUES (\(places))"
      try keepingTransaction(operation) { () throws(DriverFailure) in _ = try send(insert, rows, operation) }
    }
  }

  /// All rows or none.
  func execute(_ sql: String, rows: Parameters, operation: Operation) throws(DriverFailure) -> Int64? {
    try Link.refuseNUL(sql)
    try shapeForExecuting(operation)
    guard !LeadingWords(sql).controlsTransaction else {
      throw DriverFailure(.invalid, "a statement that controls a transaction cannot be run with rows")
    }
    return try keepingTransaction(operation) { () throws(DriverFailure) in try send(sql, rows, operation) }
  }

  /// Runs a statement once per row, without waiting for the server after each row. Outside a transaction, the server
  /// runs all of them in one.
  /// - Returns: the total number of rows changed.
  private func send(_ sql: String, _ rows: Parameters, _ operation: Operation) throws(DriverFailure) -> Int64 {
    let described = try link.describe(sql, operation: operation)
    let wanted = Int(PQnparams(described))
    PQclear(described)
    guard wanted == rows.columnCount else {
      throw DriverFailure(.invalid, "the statement has \(wanted) parameters, not \(rows.columnCount)")
    }
    return try link.pipeline(sql, count: rows.rowCount, operation: operation) { (row) throws(DriverFailure) in
      try ParameterText.row(rows, row)
    }
  }
}

extension TableColumns {
  fileprivate var quotedName: String {
    schema.isEmpty ? SQLQuote.name(name) : SQLQuote.name(schema) + "." + SQLQuote.name(name)
  }

  fileprivate var columnList: String { columns.map { SQLQuote.name($0) }.joined(separator: ", ") }

  /// For content that PostgreSQL keeps outside of tables, and that belay handles as rows: the statement that restores
  /// one row. nil for ordinary tables.
  fileprivate var settingStatement: String? {
    guard schema == "pg_catalog" else { return nil }
    switch (name, columns) {
    case ("pg_sequences", SequenceValues.columns), ("pg_sequences", SequenceValues.columns.dropLast()):
      // A sequence that was never used has no last value: it begins at its start. Its step comes from the catalog.
      let isStepKnown = columns.count == SequenceValues.columns.count
      return """
        SELECT pg_catalog.setval(s.seqrelid::pg_catalog.regclass, coalesce($3::bigint, s.seqstart), $3 IS NOT NULL)
        FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1::text AND c.relname = $2::text\(isStepKnown ? " AND $4::bigint IS NOT NULL" : "")
        """
    case ("pg_largeobject", ["loid", "pageno", "data"]):
      // Creates the large object if the ddl has not created it already. A page is a quarter of a block.
      return """
        SELECT pg_catalog.lo_put(coalesce((SELECT m.oid FROM pg_catalog.pg_largeobject_metadata m WHERE m.oid = $1::oid),
        pg_catalog.lo_create($1::oid)), $2::bigint * (pg_catalog.current_setting('block_size')::bigint / 4), $3::bytea)
        """
    default: return nil
    }
  }
}
