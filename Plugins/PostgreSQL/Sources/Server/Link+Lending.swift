import BelayDriverKit
import CPostgreSQL

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

  /// Calls a function of the server's by the protocol's own way, which pg_dump reads large objects by.
  func lend(
    call function: Int32, _ arguments: [UnsafeMutableRawBufferPointer], room: Int, _ answer: inout ProgramMessages
  ) throws(DriverFailure) {
    try begin("", nil)
    defer { end() }
    let blocks = arguments.map { argument in
      var block = PQArgBlock()
      block.len = Int32(argument.count)
      block.isint = 0
      block.u.ptr = argument.baseAddress?.assumingMemoryBound(to: Int32.self)
      return block
    }
    let value = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 16)
    defer { value.deallocate() }
    var length: Int32 = 0
    let result = PQfn(
      handle, function, value.baseAddress?.assumingMemoryBound(to: Int32.self), &length, 0, blocks, Int32(blocks.count))
    defer { PQclear(result) }
    guard PQresultStatus(result) == PGRES_COMMAND_OK else {
      if lentFailure == nil { lentFailure = failure(result) }
      answer.error(result)
      if isLost { throw failure(nil) }
      return
    }
    answer.returned(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(value)[..<max(0, Int(length))]))
  }
}
