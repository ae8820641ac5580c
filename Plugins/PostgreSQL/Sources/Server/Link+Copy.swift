import BelayDriverKit
import CPostgreSQL

extension Link {
  /// Runs a `COPY … TO STDOUT` and passes on what the server sends: in text form, a row at a time with its line end.
  /// The bytes may be changed in place; they are valid until `row` returns. An error of `row` ends the COPY.
  func copyOut(
    _ sql: String, operation: Operation, row: (UnsafeMutableRawBufferPointer) throws(DriverFailure) -> Void
  ) throws(DriverFailure) {
    try begin(sql, operation)
    defer { end() }
    try send(sql)
    let first = nextResult()
    defer { PQclear(first) }
    guard PQresultStatus(first) == PGRES_COPY_OUT else {
      let failure = failure(first)
      drain()
      throw failure
    }
    var buffer: UnsafeMutablePointer<CChar>?
    var unasked = 0
    while true {
      var length = PQgetCopyData(handle, &buffer, 1)
      if length == 0 {
        // Usually more has arrived already, and then one system call is enough.
        if PQconsumeInput(handle) == 1 { length = PQgetCopyData(handle, &buffer, 1) }
        if length == 0 {
          pause()
          if PQconsumeInput(handle) == 0 { break }
          continue
        }
      }
      guard length > 0 else { break }
      unasked += Int(length)
      if unasked > 256 << 10 {
        unasked = 0
        askHost()
      }
      defer { PQfreemem(buffer) }
      // Rows that arrive after a stop were already on their way.
      if stopped != nil { continue }
      do throws(DriverFailure) {
        try row(UnsafeMutableRawBufferPointer(start: buffer, count: Int(length)))
      } catch {
        abandon()
        throw error
      }
    }
    let lateStop = stopped
    try eachResult { _ in }
    if let lateStop {
      // The COPY had ended before the server received the cancellation, but rows were dropped here.
      throw DriverFailure(lateStop, lateStop == .timeout ? "the time allowed has passed" : "cancelled")
    }
  }

  /// Runs a `COPY … FROM STDIN` with the pieces that `next` returns, until it returns nil. All rows or none: an error
  /// of `next` ends the COPY without any.
  /// - Returns: how many rows.
  @discardableResult
  func copyIn(
    _ sql: String, operation: Operation, next: () throws(DriverFailure) -> UnsafeRawBufferPointer?
  ) throws(DriverFailure) -> Int64 {
    try begin(sql, operation)
    defer { end() }
    try send(sql)
    let first = nextResult()
    defer { PQclear(first) }
    guard PQresultStatus(first) == PGRES_COPY_IN else {
      let failure = failure(first)
      drain()
      throw failure
    }
    do throws(DriverFailure) {
      var takes = true
      while takes, stopped == nil, let piece = try next() {
        takes = put(piece)
        askHost()
      }
    } catch {
      PQputCopyEnd(handle, "stopped by the host")
      drain()
      throw error
    }
    if let stopped {
      PQputCopyEnd(handle, "stopped")
      drain()
      throw DriverFailure(
        stopped, stopped == .timeout ? "the time allowed has passed" : "cancelled",
        outcome: isLost ? situation.outcomeIfLost : .notApplied)
    }
    PQputCopyEnd(handle, nil)
    var count: Int64 = 0
    try eachResult { count = Int64(String(cString: PQcmdTuples($0))) ?? 0 }
    return count
  }

  /// Sends a piece, and waits until it is sent: libpq's buffer has no limit.
  /// - Returns: false if the server accepts no more; the next result says why.
  private func put(_ piece: UnsafeRawBufferPointer) -> Bool {
    guard let base = piece.baseAddress else { return true }
    var offset = 0
    while offset < piece.count {
      let count = min(piece.count - offset, 1 << 20)
      let code = PQputCopyData(handle, base.advanced(by: offset).assumingMemoryBound(to: CChar.self), Int32(count))
      if code < 0 { return false }
      if code == 0 { pause(writing: true) } else { offset += count }
      flush()
    }
    return !isLost
  }
}
