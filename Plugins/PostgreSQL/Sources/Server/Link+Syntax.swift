import BelayDriverKit
import CPostgreSQL

extension Link {
  /// Has the server parse a statement, which runs nothing: belay's copy of the parser is of one version, and the server's
  /// is the one that counts.
  /// - Returns: what the server says, if its scanner or its grammar refuse the text, whatever the schema is.
  func syntaxError(in sql: String, operation: Operation) throws(DriverFailure) -> String? {
    // An error would end an open transaction.
    guard isIdle else { return nil }
    try begin(sql, operation)
    defer { end() }
    try Self.refuseNUL(sql)
    guard PQsendPrepare(handle, "", sql, 0, nil) == 1 else { throw refusal() }
    flush()
    var found: String?
    while let result = nextResult() {
      defer { PQclear(result) }
      guard PQresultStatus(result) == PGRES_FATAL_ERROR else { continue }
      let report = ServerReport(result)
      if isLost || stopped != nil { throw failure(result) }
      if report.sqlState == "42601", report.function == Self.parserFunction { found = report.message }
    }
    return found
  }

  /// Reports every error of the grammar's own, and none of what depends on tables and columns.
  private static let parserFunction = "scanner_yyerror"
}
