import BelayDriverKit
import CPostgreSQL
import Glibc

extension Link {
  /// Runs the statement that was described last, once per row of parameters, without waiting for each reply: a row
  /// costs no round trip. All rows or none; outside a transaction they form one transaction.
  /// - Returns: the total number of rows changed.
  func pipeline(
    _ sql: String, count: Int, operation: Operation, values: (Int) throws(DriverFailure) -> [String?]
  ) throws(DriverFailure) -> Int64 {
    try begin(sql, operation)
    defer { end() }
    guard PQenterPipelineMode(handle) == 1 else { throw refusal() }
    // Fails only if results are left over, which is a defect that the next request would show.
    defer { PQexitPipelineMode(handle) }
    var affected: Int64 = 0
    var failure: DriverFailure?
    /// The failure came from the server, which ignores everything until the end of the pipeline.
    var isAborted = false
    var row = 0
    let chunk = 256
    while row < count, failure == nil {
      let end = min(row + chunk, count)
      var sent = 0
      while row < end, failure == nil {
        do throws(DriverFailure) {
          try sendPrepared(try values(row))
          sent += 1
          row += 1
        } catch {
          failure = error
        }
      }
      PQsendFlushRequest(handle)
      let knew = failure
      isAborted = read(sent, &affected, &failure)
      // A value that cannot be sent, after rows that were sent.
      if let knew { failure = knew }
      if failure == nil, let stopped {
        failure = DriverFailure(stopped, stopped == .timeout ? "the time allowed has passed" : "cancelled")
      }
    }
    try finish(failure, isAborted)
    return affected
  }

  /// Ends the implicit transaction of the rows, with a rollback if one of them failed.
  private func finish(_ failure: DriverFailure?, _ isAborted: Bool) throws(DriverFailure) {
    var failure = failure
    // The end of the pipeline would commit what was sent.
    if failure != nil, !isAborted, !isLost {
      PQsendQueryParams(handle, "SELECT 1/0", 0, nil, nil, nil, nil, 0)
    }
    PQpipelineSync(handle)
    // After the sync's own result the pipeline is empty.
    var isSynced = false
    while !isSynced, !isLost {
      guard let result = nextResult() else { continue }
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_PIPELINE_SYNC: isSynced = true
      case PGRES_PIPELINE_ABORTED, PGRES_COMMAND_OK, PGRES_TUPLES_OK: break
      default: if failure == nil { failure = self.failure(result) }
      }
    }
    if isLost, failure == nil { failure = self.failure(nil) }
    if let failure { throw failure }
  }

  /// - Returns: whether one of the statements has failed on the server.
  private func read(_ count: Int, _ affected: inout Int64, _ failure: inout DriverFailure?) -> Bool {
    var left = count
    var hasFailed = false
    while left > 0, !isLost {
      guard let result = nextResult() else {
        // The end of one statement's results.
        left -= 1
        continue
      }
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK: affected += Int64(String(cString: PQcmdTuples(result))) ?? 0
      case PGRES_PIPELINE_ABORTED: break
      default:
        hasFailed = true
        if failure == nil { failure = self.failure(result) }
      }
    }
    if isLost, failure == nil { failure = self.failure(nil) }
    return hasFailed
  }

  private func sendPrepared(_ values: [String?]) throws(DriverFailure) {
    for value in values { if let value { try Self.refuseNUL(value) } }
    let copies = values.map { $0.flatMap { strdup($0) } }
    defer { for copy in copies { free(copy) } }
    let sent = PQsendQueryPrepared(
      handle, "", Int32(copies.count), copies.map { $0.map { UnsafePointer($0) } }, nil, nil, 0)
    guard sent == 1 else { throw refusal() }
  }
}
