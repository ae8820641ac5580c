import BelayDriverKit
import CPostgreSQL
import Glibc

extension PostgreSQLConnection {
  func query(
    _ sql: String, parameters: Parameters?, operation: Operation, into rows: RowWriter
  ) throws(DriverFailure) {
    try Link.refuseNUL(sql)
    try shapeForReading(operation)
    try keepingTransaction(operation) { () throws(DriverFailure) in
      if parameters == nil || parameters?.columnCount == 0, let statement = copyable(sql) {
        try copy(statement, operation, into: rows)
      } else {
        try stream(sql, parameters, operation, into: rows)
      }
    }
  }

  /// The one statement, where COPY can run it. It sends rows several times faster than a query does.
  private func copyable(_ sql: String) -> StatementList.Entry? {
    guard let first = LeadingWords(sql).first, ["SELECT", "TABLE", "VALUES", "WITH"].contains(first) else { return nil }
    let statements = StatementList(sql, link).entries
    return statements.count == 1 ? statements.first : nil
  }

  private func copy(
    _ statement: StatementList.Entry, _ operation: Operation, into rows: RowWriter
  ) throws(DriverFailure) {
    // Prepared first: that finds out the columns, and that the text is one statement and does not leave the parentheses.
    let described: OpaquePointer
    do throws(DriverFailure) {
      described = try link.describe(statement.text, operation: operation)
    } catch {
      throw error.shifted(by: statement.offset)
    }
    defer { PQclear(described) }
    let (types, names) = columns(of: described)
    try learnNames(of: types, operation)
    let reader = CopyRowReader(forms: types.map(\.form))
    try rows.columns(zip(types, names).map { RowWriter.Column($1, nativeType: typeNames[$0] ?? "") })
    let opening = "COPY ("
    do throws(DriverFailure) {
      // The line end closes a comment.
      try link.copyOut("\(opening)\(statement.text)\n) TO STDOUT", operation: operation) {
        (row) throws(DriverFailure) in try reader.read(row, into: rows)
      }
    } catch {
      throw error.shifted(by: statement.offset - opening.utf8.count)
    }
  }

  private func stream(
    _ sql: String, _ parameters: Parameters?, _ operation: Operation, into rows: RowWriter
  ) throws(DriverFailure) {
    let values = try ParameterText.row(parameters)
    // Only to know the types' names beforehand: they cannot be asked for while rows are on their way.
    let described = try link.describe(sql, operation: operation)
    let (types, names) = columns(of: described)
    PQclear(described)
    try learnNames(of: types, operation)
    let readers = types.map { ValueText(form: $0.form) }
    var isTold = false
    try link.stream(sql, values, operation: operation) { (result) throws(DriverFailure) in
      guard PQresultStatus(result) != PGRES_EMPTY_QUERY else { throw DriverFailure(.sql, "the statement is empty") }
      isTold = true
      try rows.columns(zip(types, names).map { RowWriter.Column($1, nativeType: typeNames[$0] ?? "") })
    } row: { (result) throws(DriverFailure) in
      for (column, reader) in readers.enumerated() {
        let column = Int32(column)
        guard PQgetisnull(result, 0, column) == 0, let value = PQgetvalue(result, 0, column) else {
          rows.null()
          continue
        }
        let bytes = UnsafeMutableRawBufferPointer(start: value, count: Int(PQgetlength(result, 0, column)))
        try reader.write(bytes, into: rows)
      }
      try rows.endRow()
    }
    if !isTold { throw DriverFailure(.sql, "the statement is empty") }
  }
}

extension Link {
  /// Has the server read one statement, and gives what it says of its columns, to be cleared by the caller.
  func describe(_ sql: String, operation: Operation) throws(DriverFailure) -> OpaquePointer {
    try begin(sql, operation)
    defer { end() }
    guard PQsendPrepare(handle, "", sql, 0, nil) == 1 else { throw refusal() }
    try eachResult { _ in }
    guard PQsendDescribePrepared(handle, "") == 1 else { throw refusal() }
    var described: OpaquePointer?
    var failure: DriverFailure?
    while let result = nextResult() {
      if PQresultStatus(result) == PGRES_COMMAND_OK, described == nil {
        described = result
      } else {
        failure = failure ?? self.failure(result)
        PQclear(result)
      }
    }
    if let failure {
      PQclear(described)
      throw failure
    }
    guard let described else { throw DriverFailure(.internal, "the server did not describe the statement") }
    return described
  }
}

extension DriverFailure {
  /// The statement stands further on in the text that the host has.
  func shifted(by bytes: Int) -> DriverFailure {
    var shifted = self
    shifted.sqlOffset = sqlOffset.map { max($0 + bytes, 0) }
    return shifted
  }
}
