import BelayDriverKit
import CPostgreSQL
import Glibc

extension Link {
  /// Runs statements and returns the last one's result in memory: for belay's own queries.
  ///
  /// Several statements in one text are one implicit transaction for the server; with parameters there can be only one.
  @discardableResult
  func run(
    _ sql: String, _ parameters: [String?] = [], operation: Operation
  ) throws(DriverFailure) -> Reply {
    try request(sql, operation) { () throws(DriverFailure) in try send(sql, parameters) }
  }

  /// `run` that no operation can stop: for a short query outside any call, or after a call that is no longer wanted, to
  /// clean up or to find out what was done.
  func quietly(_ sql: String) throws(DriverFailure) -> Reply {
    try request(sql, nil) { () throws(DriverFailure) in try send(sql) }
  }

  /// One request from its beginning to its end.
  /// - Parameters:
  ///   - sql: what it is about, for failures.
  ///   - send: sends it.
  func request(
    _ sql: String, _ operation: Operation?, _ send: () throws(DriverFailure) -> Void
  ) throws(DriverFailure) -> Reply {
    try begin(sql, operation)
    defer { end() }
    var reply = Reply()
    try send()
    try eachResult { reply = Reply($0) }
    return reply
  }

  /// Runs a statement that must run even if the call is no longer wanted, because it cleans up.
  func tidy(_ sql: String) throws(DriverFailure) {
    try begin(sql, nil)
    defer { end() }
    try send(sql)
    try eachResult { _ in }
  }

  /// Runs a statement and discards its rows as they arrive.
  /// - Returns: the server's command tag, e.g. "INSERT 0 5"; rows changed, nil if the statement changes none.
  func perform(_ sql: String, operation: Operation) throws(DriverFailure) -> (done: String, affected: Int64?) {
    try begin(sql, operation)
    defer { end() }
    var performed: (String, Int64?) = ("", nil)
    try send(sql)
    PQsetSingleRowMode(handle)
    try eachResult { result in
      guard PQresultStatus(result) != PGRES_SINGLE_TUPLE else { return }
      let tag = String(cString: PQcmdStatus(result))
      // SELECT and FETCH count the rows that they return.
      let changes = ["INSERT", "UPDATE", "DELETE", "MERGE", "COPY"].contains(where: tag.hasPrefix)
      performed = (tag, changes ? Int64(String(cString: PQcmdTuples(result))) : nil)
    }
    return performed
  }

  /// Runs one statement and passes on its rows one by one: PQgetvalue and the like, row 0. `columns` is called first,
  /// even if there are no rows.
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
      // A host that only observes rows cannot stop them.
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

  /// libpq refused a request.
  func refusal() -> DriverFailure {
    if isLost { return failure(nil) }
    let words = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
    return DriverFailure(.internal, "libpq refused a request: \(words.split(separator: "\n").joined(separator: " "))")
  }

  /// In C, the text would end there.
  static func refuseNUL(_ text: String) throws(DriverFailure) {
    guard let offset = text.utf8.firstIndex(of: 0) else { return }
    throw DriverFailure(
      .sql, "text in PostgreSQL cannot contain a NUL byte", sqlState: "22021",
      sqlOffset: text.utf8.distance(from: text.startIndex, to: offset))
  }

  /// Reads all results of a request, then throws the first failure among them, or the earlier one that `orFailure`
  /// gives.
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
  /// Rows changed or returned; nil if the statement has no such number.
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

  /// The first value of the first row; nil if there is none.
  var value: String? { rows.first?.first ?? nil }
  /// The first value of the first row is true.
  var isTrue: Bool { value == "t" }
}
