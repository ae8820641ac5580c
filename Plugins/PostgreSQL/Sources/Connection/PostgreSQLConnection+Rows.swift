import BelayDriverKit
import CPostgreSQL

extension PostgreSQLConnection {
  /// All rows or none.
  func execute(_ sql: String, rows: Parameters, operation: Operation) throws(DriverFailure) -> Int64? {
    try Link.refuseNUL(sql)
    if let insert = PlainInsert(sql, columnCount: rows.columnCount) {
      // What is put back was read in this shape.
      try shapeForReading(operation)
      if let special = InternalTableLoad(insert) {
        return try keepingTransaction(operation) { () throws(DriverFailure) in
          try send(special.statement, rows, operation)
          return Int64(rows.rowCount)
        }
      }
      do throws(DriverFailure) {
        return try keepingTransaction(operation) { () throws(DriverFailure) in
          let encoder = CopyEncoder(rows)
          return try link.copyIn(insert.copying, operation: operation) { () throws(DriverFailure) in encoder.next() }
        }
      } catch {
        // Views, and tables with row-level security, take rows by INSERT only.
        guard ["0A000", "42809"].contains(error.sqlState) else { throw error }
      }
      return try keepingTransaction(operation) { () throws(DriverFailure) in try send(sql, rows, operation) }
    }
    try shapeForExecuting(operation)
    guard !LeadingWords(sql).controlsTransaction else {
      throw DriverFailure(.invalid, "a statement that controls a transaction takes no rows")
    }
    return try keepingTransaction(operation) { () throws(DriverFailure) in try send(sql, rows, operation) }
  }

  /// Runs a statement once per row, without waiting for the server after each. Outside a transaction all of them are one
  /// to the server.
  @discardableResult
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

/// `INSERT INTO "s"."t" ("a", "b") VALUES ($1, $2)`: the shape in which the host puts rows into a table. As COPY it is
/// several times faster, and also fills identity columns.
struct PlainInsert {
  /// As written, e.g. `"s"."t"`.
  let table: Substring
  /// As written, in parentheses.
  let columns: Substring

  /// nil where the statement is of any other shape.
  init?(_ sql: String, columnCount: Int) {
    guard columnCount > 0, sql.hasPrefix("INSERT INTO \"") else { return nil }
    var rest = sql.dropFirst("INSERT INTO ".count)
    let start = rest
    guard Self.skipName(&rest) else { return nil }
    if rest.first == "." {
      rest.removeFirst()
      guard Self.skipName(&rest) else { return nil }
    }
    table = start[..<rest.startIndex]
    guard rest.hasPrefix(" (") else { return nil }
    rest.removeFirst()
    let list = rest
    rest.removeFirst()
    for column in 0..<columnCount {
      if column > 0 {
        guard rest.hasPrefix(", ") else { return nil }
        rest = rest.dropFirst(2)
      }
      guard Self.skipName(&rest) else { return nil }
    }
    guard rest.first == ")" else { return nil }
    rest.removeFirst()
    columns = list[..<rest.startIndex]
    let places = (1...columnCount).map { "$\($0)" }.joined(separator: ", ")
    guard rest == " VALUES (\(places))" else { return nil }
  }

  var copying: String { "COPY \(table) \(columns) FROM STDIN" }

  private static func skipName(_ rest: inout Substring) -> Bool {
    guard rest.utf8.first == UInt8(ascii: "\"") else { return false }
    var bytes = rest.utf8.dropFirst()
    while let quote = bytes.firstIndex(of: UInt8(ascii: "\"")) {
      bytes = bytes[bytes.index(after: quote)...]
      // A doubled one belongs to the name.
      guard bytes.first == UInt8(ascii: "\"") else {
        rest = rest[bytes.startIndex...]
        return true
      }
      bytes = bytes.dropFirst()
    }
    return false
  }
}

/// What PostgreSQL keeps by itself beside the tables, and belay carries as rows.
struct InternalTableLoad {
  /// Puts one row back.
  let statement: String

  init?(_ insert: PlainInsert) {
    switch (insert.table, insert.columns) {
    case (#""pg_catalog"."pg_sequences""#, #"("schemaname", "sequencename", "last_value")"#):
      // A sequence that was never asked has no last value: it begins at its start.
      statement = """
        SELECT pg_catalog.setval(s.seqrelid::pg_catalog.regclass, coalesce($3::bigint, s.seqstart), $3 IS NOT NULL)
        FROM pg_catalog.pg_sequence s JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1::text AND c.relname = $2::text
        """
    case (#""pg_catalog"."pg_largeobject""#, #"("loid", "pageno", "data")"#):
      // Made where the catalog has not made it already. A page is a quarter of a block.
      statement = """
        SELECT pg_catalog.lo_put(coalesce((SELECT m.oid FROM pg_catalog.pg_largeobject_metadata m WHERE m.oid = $1::oid),
        pg_catalog.lo_create($1::oid)), $2::bigint * (pg_catalog.current_setting('block_size')::bigint / 4), $3::bytea)
        """
    default: return nil
    }
  }
}
