import BelayDriverKit
import CPostgreSQL
import Glibc

extension Link {
  /// Runs statements and gives what the last one returned, all in memory: for what belay asks for itself.
  ///
  /// Several statements in one text are one implicit transaction for the server; with parameters there can be only one.
  @discardableResult
  func run(
    _ sql: String, _ parameters: [String?] = [], operation: Operation
  ) throws(DriverFailure) -> Reply {
    try begin(sql, operation)
    defer { end() }
    var reply = Reply()
    try send(sql, parameters)
    try eachResult { reply = Reply($0) }
    return reply
  }

  /// `run` that no operation can stop: for a short question outside any call, or after one that is no longer wanted, to
  /// put something in order or to find out what was done.
  func quietly(_ sql: String) throws(DriverFailure) -> Reply {
    try begin(sql, nil)
    defer { end() }
    var reply = Reply()
    try send(sql)
    try eachResult { reply = Reply($0) }
    return reply
  }

  /// Runs a statement that must run also when the call is no longer wanted: it puts something in order.
  func tidy(_ sql: String) throws(DriverFailure) {
    try begin(sql, nil)
    defer { end() }
    try send(sql)
    try eachResult { _ in }
  }

  /// Runs a statement and throws its rows away as they come.
  /// - Returns: the server's words for what it did, e.g. "INSERT 0 5"; rows changed, nil where the statement changes none.
  func perform(_ sql: String, operation: Operation) throws(DriverFailure) -> (done: String, affected: Int64?) {
    try begin(sql, operation)
    defer { end() }
    var performed: (String, Int64?) = ("", nil)
    try send(sql)
    PQsetSingleRowMode(handle)
    try eachResult { result in
      guard PQresultStatus(result) != PGRES_SINGLE_TUPLE else { return }
      performed = (String(cString: PQcmdStatus(result)), Int64(String(cString: PQcmdTuples(result))))
    }
    return performed
  }

  /// Runs one statement and gives its rows one by one: PQgetvalue and the like, row 0. `columns` comes first, also where
  /// there are no rows.
  func stream(
    _ sql: String, _ parameters: [String?] = [], operation: Operation,
    columns: (OpaquePointer) throws(DriverFailure) -> Void, row: (OpaquePointer) throws(DriverFailure) -> Void
  ) throws(DriverFailure) {
    try begin(sql, operation)
    defer { end() }
    try send(sql, parameters, onlyOne: true)
    PQsetSingleRowMode(handle)
    var hasColumns = false
    var failure: DriverFailure?
    try eachResult { result in
      guard failure == nil else { return }
      do throws(DriverFailure) {
        if !hasColumns { try columns(result) }
        hasColumns = true
        if PQresultStatus(result) == PGRES_SINGLE_TUPLE { try row(result) }
      } catch {
        failure = error
        stop(.cancelled)
      }
      // A host that only takes note of what comes cannot stop the rows.
      askHost()
    } orFailure: {
      failure
    }
  }

  /// Sends statements, or one with parameters.
  func send(_ sql: String, _ parameters: [String?] = [], onlyOne: Bool = false) throws(DriverFailure) {
    try Self.refuseNUL(sql)
    let sent: Int32
    if parameters.isEmpty && !onlyOne {
      sent = PQsendQuery(handle, sql)
    } else {
      for parameter in parameters { if let parameter { try Self.refuseNUL(parameter) } }
      let copies = parameters.map { $0.flatMap { strdup($0) } }
      defer { for copy in copies { free(copy) } }
      sent = PQsendQueryParams(
        handle, sql, Int32(copies.count), nil, copies.map { $0.map { UnsafePointer($0) } }, nil, nil, 0)
    }
    guard sent == 1 else { throw refusal() }
    flush()
  }

  /// libpq did not take a request.
  func refusal() -> DriverFailure {
    if isLost { return failure(nil) }
    let words = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
    return DriverFailure(.internal, "libpq refused a request: \(words.split(separator: "\n").joined(separator: " "))")
  }

  /// For C, the text would end there.
  static func refuseNUL(_ text: String) throws(DriverFailure) {
    guard let offset = text.utf8.firstIndex(of: 0) else { return }
    throw DriverFailure(
      .sql, "text in PostgreSQL cannot contain a NUL byte", sqlState: "22021",
      sqlOffset: text.utf8.distance(from: text.startIndex, to: offset))
  }

  /// Reads the results of a request to their end, then throws the first failure among them, or the one that `orFailure`
  /// gives, which came first.
  func eachResult(
    _ body: (OpaquePointer) -> Void, orFailure: () -> DriverFailure? = { nil }
  ) throws(DriverFailure) {
    var failure: DriverFailure?
    while let result = nextResult() {
      defer { PQclear(result) }
      switch PQresultStatus(result) {
      case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_SINGLE_TUPLE, PGRES_EMPTY_QUERY:
        if failure == nil { body(result) }
      case PGRES_COPY_OUT, PGRES_COPY_BOTH: dropCopiedRows()
      case PGRES_COPY_IN:
        if failure == nil {
          failure = DriverFailure(
            .unsupported, "COPY … FROM STDIN has no source for its rows",
            hint: "write the rows as INSERT, or load them with psql")
        }
        PQputCopyEnd(handle, "no rows")
      default:
        if failure == nil { failure = self.failure(result) }
      }
    }
    if let failure = orFailure() ?? failure { throw failure }
  }
}

/// What a statement returned, as text.
struct Reply {
  var columns: [String] = []
  var rows: [[String?]] = []
  /// Rows changed or returned; nil where the statement has none.
  var affected: Int64?

  init() {}

  init(_ result: OpaquePointer) {
    let width = PQnfields(result)
    columns = (0..<width).map { String(cString: PQfname(result, $0)) }
    rows = (0..<PQntuples(result)).map { row in
      (0..<width).map { column in
        PQgetisnull(result, row, column) == 1 ? nil : String(cString: PQgetvalue(result, row, column))
      }
    }
    affected = Int64(String(cString: PQcmdTuples(result)))
  }

  /// The first value of the first row; nil where there is none.
  var value: String? { rows.first?.first ?? nil }
  /// The first value of the first row is true.
  var isTrue: Bool { value == "t" }
}
