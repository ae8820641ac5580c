import BelayDriverKit
import CPostgreSQL
import Glibc
import Synchronization

/// One connection to the server. Used by one thread at a time.
///
/// Everything is sent without blocking and awaited with `poll`, so that a call that is no longer wanted is cancelled on
/// the server within a tenth of a second. After any failure the link is ready for the next request, or `isLost`.
final class Link {
  /// For libpq's functions, which treat nil, the value after closing, as a lost connection.
  private(set) var handle: OpaquePointer?
  let parameters: ConnectionParameters
  let stopFlag: StopFlag
  private var canceller: OpaquePointer?
  private let notices: NoticeLog
  private let registration: OwnBackends.Registration
  /// The statements that made the session what belay works in.
  var opening = ""

  /// Queries that the session keeps the plans of.
  var prepared = PreparedQueries()
  /// The request that runs, or ran last.
  private(set) var situation = Situation()
  /// Why the server was asked to stop the running request.
  private(set) var stopped: DriverFailure.Code?
  private var stoppedAt = ContinuousClock.now
  private var lastCancelled = ContinuousClock.now
  /// What went wrong first of what a program asked that the session is lent to.
  var lentFailure: DriverFailure?

  /// Connects. `stopFlag`: another thread can raise it; by default the link has its own.
  init(
    _ parameters: ConnectionParameters, stopFlag: StopFlag = StopFlag(), _ operation: Operation
  ) throws(DriverFailure) {
    self.parameters = parameters
    self.stopFlag = stopFlag
    let connected = try Connecting(parameters, stopFlag, operation).connect()
    (handle, notices) = (connected.handle, connected.notices)
    canceller = PQgetCancel(connected.handle)
    registration = OwnBackends.register(connected.handle)
    PQsetnonblocking(handle, 1)
  }

  deinit { close() }

  /// Ends the session; an open transaction is rolled back. Does nothing the second time.
  func close() {
    guard let open = handle else { return }
    handle = nil
    PQfreeCancel(canceller)
    canceller = nil
    PQfinish(open)
    registration.end()
  }

  /// The server is gone, or has ended the session: this link can no longer be used.
  var isLost: Bool { PQstatus(handle) != CONNECTION_OK }
  /// A transaction is open, and usable.
  var isInTransaction: Bool { PQtransactionStatus(handle) == PQTRANS_INTRANS }
  /// A statement of the open transaction has failed: only a rollback is possible.
  var isInFailedTransaction: Bool { PQtransactionStatus(handle) == PQTRANS_INERROR }
  /// No transaction is open.
  var isIdle: Bool { PQtransactionStatus(handle) == PQTRANS_IDLE }

  /// A setting that the server reports whenever it changes, e.g. "TimeZone": needs no query.
  func reported(_ name: String) -> String? {
    PQparameterStatus(handle, name).map { String(cString: $0) }
  }

  // MARK: Requests

  /// Begins a request: an interrupt that came before it does not count. `operation`: nil for what must be done even if
  /// the call is no longer wanted, e.g. a rollback.
  func begin(_ sql: String, _ operation: Operation?) throws(DriverFailure) {
    stopped = nil
    if let operation {
      try operation.check()
    }
    stopFlag.lower()
    notices.operation = operation
    situation = Situation(sql, inTransaction: isInTransaction || isInFailedTransaction)
    guard !isLost else {
      throw DriverFailure(
        .io, "the connection to the server is lost", hint: "open the database again", outcome: .notApplied)
    }
  }

  /// The request is over, and its operation dead.
  func end() { notices.operation = nil }

  /// Sends what libpq has buffered, and reads what the server sends meanwhile.
  func flush() {
    while PQflush(handle) == 1 {
      if pause(writing: true), PQconsumeInput(handle) == 0 { return }
    }
  }

  /// The next result, or nil after the last one of the request.
  func nextResult() -> OpaquePointer? {
    flush()
    while PQisBusy(handle) == 1 {
      pause()
      // A broken connection becomes an error result.
      if PQconsumeInput(handle) == 0 { break }
    }
    return PQgetResult(handle)
  }

  /// Waits a little until the server has sent something, or accepts more. Asks the host whether the call is still
  /// wanted.
  /// - Returns: whether there is something to read.
  @discardableResult
  func pause(writing: Bool = false) -> Bool {
    var descriptor = pollfd(fd: PQsocket(handle), events: Int16(POLLIN | (writing ? POLLOUT : 0)), revents: 0)
    // A signal ends the wait early, which is harmless.
    let ready = poll(&descriptor, 1, 50)
    askHost()
    return ready > 0 && descriptor.revents & Int16(POLLIN | POLLHUP | POLLERR) != 0
  }

  /// Stops the request on the server if it is no longer wanted.
  func askHost() {
    guard stopped == nil else { return insist() }
    guard let operation = notices.operation else { return }
    if stopFlag.isRaised || operation.isCancelled {
      stop(.cancelled)
    } else if operation.remainingMilliseconds == 0 {
      stop(.timeout)
    }
  }

  /// Has the server end the request; its results are still to be read.
  func stop(_ reason: DriverFailure.Code) {
    guard stopped == nil else { return }
    stopped = reason
    stoppedAt = .now
    cancelOnServer()
  }

  /// A cancellation that arrives before its statement is lost, so it is sent again; if the server does not react, the
  /// connection is given up.
  private func insist() {
    let now = ContinuousClock.now
    if now - stoppedAt > .seconds(30) {
      shutdown(PQsocket(handle), Int32(SHUT_RDWR))
    } else if now - lastCancelled > .seconds(1) {
      cancelOnServer()
    }
  }

  private func cancelOnServer() {
    lastCancelled = .now
    guard let canceller else { return }
    var words = [CChar](repeating: 0, count: 256)
    // The connection may be gone: then there is nothing to cancel.
    _ = PQcancel(canceller, &words, Int32(words.count))
  }

  // MARK: Failures

  /// What a result says went wrong.
  func failure(_ result: OpaquePointer?) -> DriverFailure {
    ServerFailure.describe(result, self)
  }

  /// Ends a request early, because the host wants no more of it: the rest of its results is discarded.
  func abandon() {
    stop(.cancelled)
    drain()
  }

  /// Reads and discards the rest of the request.
  func drain() {
    while let result = nextResult() {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_COPY_OUT, PGRES_COPY_BOTH: dropCopiedRows()
      case PGRES_COPY_IN: PQputCopyEnd(handle, "not wanted any more")
      default: break
      }
    }
    end()
  }

  /// Reads the rows of a COPY to their end.
  func dropCopiedRows() {
    var row: UnsafeMutablePointer<CChar>?
    while true {
      let length = PQgetCopyData(handle, &row, 1)
      if length > 0 {
        PQfreemem(row)
      } else if length < 0 {
        return
      } else {
        pause()
        if PQconsumeInput(handle) == 0 { return }
      }
    }
  }
}

/// A flag that another thread raises to stop a call.
final class StopFlag: Sendable {
  private let raised = Atomic<Bool>(false)
  var isRaised: Bool { raised.load(ordering: .relaxed) }
  /// Any thread.
  func raise() { raised.store(true, ordering: .relaxed) }
  func lower() { raised.store(false, ordering: .relaxed) }
}
