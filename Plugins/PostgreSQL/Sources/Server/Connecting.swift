import BelayDriverKit
import CPostgreSQL
import Glibc

/// Connects without blocking, so that a host that does not answer can be given up.
struct Connecting {
  private let parameters: ConnectionParameters
  private let stopFlag: StopFlag
  private let operation: Operation

  init(_ parameters: ConnectionParameters, _ stopFlag: StopFlag, _ operation: Operation) {
    self.parameters = parameters
    self.stopFlag = stopFlag
    self.operation = operation
  }

  /// Defaults that the URL's own parameters override: with them, a dead server is noticed within minutes.
  private static let defaults = [
    ("fallback_application_name", "belay"), ("keepalives_idle", "60"), ("keepalives_interval", "10"),
    ("keepalives_count", "6"),
  ]

  /// Parameters that override the URL's: the driver's text is UTF-8.
  private static let musts = [("client_encoding", "UTF8")]

  func connect() throws(DriverFailure) -> (handle: OpaquePointer, notices: NoticeLog) {
    stopFlag.lower()
    var left: ServerList?
    while true {
      try operation.check()
      guard let handle = start(left) else { throw DriverFailure(.io, "libpq has run out of memory") }
      let notices = NoticeLog(handle)
      notices.operation = operation
      defer { notices.operation = nil }
      do throws(DriverFailure) {
        // The SQLSTATE of a refusal appears in its text only, and only with this setting.
        PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
        try finish(handle)
        PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
        try refuseOld(handle)
        return (handle, notices)
      } catch {
        // A host that did not answer in time is skipped, and the others are tried.
        let others = ServerList(handle).withoutCurrent
        PQfinish(handle)
        guard error.code == .timeout, let others, operation.remainingMilliseconds != 0 else { throw error }
        left = others
      }
    }
  }

  /// `servers`: used instead of the URL's.
  private func start(_ servers: ServerList?) -> OpaquePointer? {
    let words = Self.defaults + parameters.values.map { ($0.keyword, $0.value) } + Self.musts + (servers?.words ?? [])
    let copies = words.map { (strdup($0.0), strdup($0.1)) }
    defer {
      for (keyword, value) in copies {
        free(keyword)
        free(value)
      }
    }
    let keywords = copies.map { UnsafePointer($0.0) } + [nil]
    let values = copies.map { UnsafePointer($0.1) } + [nil]
    return PQconnectStartParams(keywords, values, 0)
  }

  private func finish(_ handle: OpaquePointer) throws(DriverFailure) {
    guard PQstatus(handle) != CONNECTION_BAD else { throw ConnectFailure.describe(handle, parameters) }
    let patience = ServerList(handle).timeout
    var place = ConnectFailure.place(handle)
    var limit = patience.map { ContinuousClock.now + $0 }
    var state = PGRES_POLLING_WRITING
    while state != PGRES_POLLING_OK {
      try wait(for: state, handle, until: limit)
      state = PQconnectPoll(handle)
      if state == PGRES_POLLING_FAILED { throw ConnectFailure.describe(handle, parameters) }
      let next = ConnectFailure.place(handle)
      if next != place {
        place = next
        limit = patience.map { .now + $0 }
      }
    }
  }

  /// Waits until the socket is ready: libpq would regard one that is not ready as connected.
  private func wait(
    for state: PostgresPollingStatusType, _ handle: OpaquePointer, until limit: ContinuousClock.Instant?
  ) throws(DriverFailure) {
    let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
    var descriptor = pollfd(fd: PQsocket(handle), events: Int16(events), revents: 0)
    while poll(&descriptor, 1, 50) <= 0 {
      if stopFlag.isRaised { throw DriverFailure(.cancelled, "cancelled") }
      try operation.check()
      if let limit, ContinuousClock.now > limit {
        throw DriverFailure(
          .timeout, "\(ConnectFailure.place(handle)) did not answer within its connect_timeout",
          hint: "check the host, the port and the network")
      }
    }
  }

  private func refuseOld(_ handle: OpaquePointer) throws(DriverFailure) {
    let version = PQserverVersion(handle)
    guard version < 130000 else { return }
    let shown = PQparameterStatus(handle, "server_version").map { String(cString: $0) } ?? "\(version)"
    throw DriverFailure(
      .unsupported, "\(ConnectFailure.place(handle)) is PostgreSQL \(shown), and belay works with 13 and newer",
      hint: "upgrade the server, e.g. with pg_upgrade, or back it up with its own pg_dump")
  }
}
