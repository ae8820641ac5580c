import BelayDriverKit
import CPostgreSQL
import Glibc

/// A link's session at the disposal of a program: requests go through as they come, and so do the server's answers.
extension Link {
  /// Runs a request of the program's.
  /// - Parameters:
  ///   - isOver: nobody wants the answer any more.
  ///   - send: sends what was gathered.
  func lend(
    _ sql: UnsafePointer<CChar>, _ answer: inout ProgramMessages, isOver: () -> Bool,
    send: (inout ProgramMessages) throws(DriverFailure) -> Void
  ) throws(DriverFailure) {
    try begin("", nil)
    defer { end() }
    guard PQsendQuery(handle, sql) == 1 else { throw refusal() }
    flush()
    while let result = lentResult(isOver) {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_COMMAND_OK: answer.done(PQcmdStatus(result))
      case PGRES_EMPTY_QUERY: answer.nothingAsked()
      case PGRES_TUPLES_OK:
        answer.rows(result)
        answer.done(PQcmdStatus(result))
      case PGRES_COPY_OUT:
        answer.copyBegins(result)
        do throws(DriverFailure) {
          try lendCopy(&answer, isOver, send)
        } catch {
          abandon()
          throw error
        }
        answer.copyEnds()
      case PGRES_COPY_IN, PGRES_COPY_BOTH: PQputCopyEnd(handle, "not possible here")
      default:
        if lentFailure == nil { lentFailure = failure(result) }
        answer.error(result)
      }
      if isLost { throw failure(result) }
    }
    if isOver() { throw DriverFailure(.cancelled, "cancelled") }
  }

  private func lentResult(_ isOver: () -> Bool) -> OpaquePointer? {
    flush()
    while PQisBusy(handle) == 1 {
      pause()
      if isOver() { stop(.cancelled) }
      if PQconsumeInput(handle) == 0 { break }
    }
    return PQgetResult(handle)
  }

  private func lendCopy(
    _ answer: inout ProgramMessages, _ isOver: () -> Bool,
    _ send: (inout ProgramMessages) throws(DriverFailure) -> Void
  ) throws(DriverFailure) {
    var row: UnsafeMutablePointer<CChar>?
    while true {
      let length = PQgetCopyData(handle, &row, 1)
      if length > 0 {
        answer.copied(UnsafeRawBufferPointer(start: row, count: Int(length)))
        PQfreemem(row)
        if answer.isWorthSending { try send(&answer) }
      } else if length < 0 {
        return
      } else {
        if isOver() { throw DriverFailure(.cancelled, "cancelled") }
        if PQconsumeInput(handle) == 0 { return }
        if PQisBusy(handle) == 1 { pause() }
      }
    }
  }

  /// Runs a query for the program.
  /// - Returns: the rows, each value as the server sends it in binary, none of them NULL; nil where the server refuses, and
  ///   then that is in the answer.
  func lend(
    _ sql: String, _ parameters: [String], _ answer: inout ProgramMessages
  ) throws(DriverFailure) -> [[[UInt8]]]? {
    try begin("", nil)
    defer { end() }
    let values = parameters.map { strdup($0) }
    defer { for value in values { free(value) } }
    let sent = PQsendQueryParams(
      handle, sql, Int32(values.count), nil, values.map { $0.map { UnsafePointer($0) } }, nil, nil, 1)
    guard sent == 1 else { throw refusal() }
    var rows: [[[UInt8]]]?
    while let result = nextResult() {
      defer { PQclear(result) }
      if PQresultStatus(result) == PGRES_TUPLES_OK {
        let width = PQnfields(result)
        rows = (0..<PQntuples(result)).map { row in
          (0..<width).map { column in
            Array(
              UnsafeRawBufferPointer(
                start: PQgetvalue(result, row, column), count: Int(PQgetlength(result, row, column))))
          }
        }
      } else {
        if lentFailure == nil { lentFailure = failure(result) }
        answer.error(result)
        if isLost { throw failure(result) }
      }
    }
    return rows
  }
}
