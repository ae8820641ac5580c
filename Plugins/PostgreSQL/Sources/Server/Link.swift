import BelayDriverKit
import CPostgreSQL
import Glibc

/// One connection to the server. Used by one thread at a time, but for `cancel`.
///
/// Everything is sent without blocking and waited for with `poll`, so that a call that is no longer wanted is cancelled
/// on the server within a tenth of a second.
final class Link {
  let handle: OpaquePointer
  /// For `cancel`, from any thread.
  private let canceller: OpaquePointer?

  /// Connects.
  init(_ parameters: ConnectionParameters, _ operation: Operation) throws(DriverFailure) {
    var keywords: [UnsafePointer<CChar>?] = []
    var values: [UnsafePointer<CChar>?] = []
    let copies = parameters.values.map { (strdup($0.keyword), strdup($0.value)) }
    defer {
      for (keyword, value) in copies {
        free(keyword)
        free(value)
      }
    }
    for (keyword, value) in copies {
      keywords.append(keyword.map { UnsafePointer($0) })
      values.append(value.map { UnsafePointer($0) })
    }
    keywords.append(nil)
    values.append(nil)
    guard let handle = PQconnectdbParams(keywords, values, 0) else {
      throw DriverFailure(.io, "libpq has no memory left")
    }
    guard PQstatus(handle) == CONNECTION_OK else {
      let words = String(cString: PQerrorMessage(handle))
      PQfinish(handle)
      throw DriverFailure(.io, words)
    }
    self.handle = handle
    canceller = PQgetCancel(handle)
  }

  deinit {
    PQfreeCancel(canceller)
    PQfinish(handle)
  }

  /// Makes the statement that runs fail soon. Any thread; harmless where none runs.
  func cancel() {
    guard let canceller else { return }
    var words = [CChar](repeating: 0, count: 256)
    // The connection may be gone: then there is nothing to cancel.
    _ = PQcancel(canceller, &words, Int32(words.count))
  }

  /// Runs statements and gives what the last one returned, all in memory: for what belay asks for itself.
  func run(
    _ sql: String, _ parameters: [String?] = [], operation: Operation
  ) throws(DriverFailure) -> Reply {
    let result: OpaquePointer?
    if parameters.isEmpty {
      result = PQexec(handle, sql)
    } else {
      let copies = parameters.map { $0.map { strdup($0) } ?? nil }
      defer { for copy in copies { free(copy) } }
      let values = copies.map { $0.map { UnsafePointer($0) } }
      result = PQexecParams(handle, sql, Int32(values.count), nil, values, nil, nil, 0)
    }
    defer { PQclear(result) }
    switch PQresultStatus(result) {
    case PGRES_COMMAND_OK, PGRES_TUPLES_OK, PGRES_EMPTY_QUERY: return Reply(result)
    default: throw DriverFailure(.sql, String(cString: PQresultErrorMessage(result)))
    }
  }
}

/// What a statement returned, as text.
struct Reply {
  var columns: [String]
  var rows: [[String?]]
  /// Rows changed; nil where the statement changes none.
  var affected: Int64?

  init(_ result: OpaquePointer?) {
    let width = PQnfields(result)
    columns = (0..<width).map { String(cString: PQfname(result, $0)) }
    rows = (0..<PQntuples(result)).map { row in
      (0..<width).map { column in
        PQgetisnull(result, row, column) == 1 ? nil : String(cString: PQgetvalue(result, row, column))
      }
    }
    affected = Int64(String(cString: PQcmdTuples(result)))
  }
}
