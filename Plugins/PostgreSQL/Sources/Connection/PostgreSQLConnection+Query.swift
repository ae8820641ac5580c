import BelayDriverKit
import CPostgreSQL
import Glibc

extension PostgreSQLConnection {
  func query(
    _ sql: String, parameters: Parameters?, operation: Operation, into rows: RowWriter
  ) throws(DriverFailure) {
    try Link.refuseNUL(sql)
    if LeadingWords(sql).isNoQuery {
      throw DriverFailure(.denied, "the statement does something other than to return rows, but here it may only read")
    }
    try shapeForReading(operation)
    var isTold = false
    try reading(operation, isOfOthers: true, canRepeat: { !isTold }) { (link) throws(DriverFailure) in
      try stream(sql, parameters, link, operation, into: rows, &isTold)
    }
  }

  private func stream(
    _ sql: String, _ parameters: Parameters?, _ link: Link, _ operation: Operation, into rows: RowWriter,
    _ isTold: inout Bool
  ) throws(DriverFailure) {
    let values = try ParameterText.row(parameters)
    // Only to know the types' names beforehand: they cannot be queried while rows are being received.
    let described = try link.describe(sql, operation: operation)
    let (types, names) = columns(of: described)
    let wanted = Int(PQnparams(described))
    PQclear(described)
    guard wanted == values.count else {
      throw DriverFailure(.sql, "the statement has \(wanted) parameters, not \(values.count)")
    }
    try learnNames(of: types, operation)
    let readers = types.map { ValueText(form: $0.form) }
    try link.stream(sql, values, operation: operation) { (result) throws(DriverFailure) in
      guard PQresultStatus(result) != PGRES_EMPTY_QUERY else { throw DriverFailure(.sql, "the statement is empty") }
      isTold = true
      try rows.columns(zip(types, names).map { ResultColumn($1, nativeType: typeNames[$0] ?? "") })
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
  /// Has the server parse one statement, and returns its description of the columns. The caller clears the result.
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
