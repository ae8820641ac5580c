import BelayDriverKit
import CPostgreSQL

/// Turns the server's errors into belay's.
enum ServerFailure {
  /// Describes a failed result of a link's request, or a lost connection.
  static func describe(_ result: OpaquePointer?, _ link: Link) -> DriverFailure {
    let report = ServerReport(result)
    let sql = link.situation.sql
    let isFatal = report.severity == "FATAL" || report.severity == "PANIC"
    if report.message.isEmpty || isFatal || link.isLost { return lost(report, link) }
    if let stopped = link.stopped, report.sqlState == "57014" {
      return DriverFailure(
        stopped, stopped == .timeout ? "the time allowed has passed" : "cancelled", sqlState: report.sqlState)
    }
    var failure = DriverFailure(code(of: report.sqlState), report.message, sqlState: report.sqlState)
    if report.sqlState == "57014", report.message.contains("timeout") { failure.code = .timeout }
    failure.hint = report.detailAndHint
    if failure.hint.isEmpty { failure.hint = hint(for: report.sqlState) }
    if let position = report.position { failure.sqlOffset = byteOffset(ofCharacter: position, in: sql) }
    return failure
  }

  /// The server is gone, or has ended the session.
  private static func lost(_ report: ServerReport, _ link: Link) -> DriverFailure {
    let outcome = link.situation.outcomeIfLost
    if let stopped = link.stopped {
      return DriverFailure(
        stopped, "the server did not stop when asked to, so belay closed the connection", outcome: outcome)
    }
    var words = report.message
    if words.isEmpty {
      let said = PQerrorMessage(link.handle).map { String(cString: $0) } ?? ""
      words = said.split(separator: "\n").first.map(String.init) ?? "the reason is not known"
    }
    let code = report.sqlState.isEmpty ? DriverFailure.Code.io : code(of: report.sqlState)
    return DriverFailure(
      code == .notFound ? .notFound : .io, "the connection to the server was lost: \(words)",
      hint: outcome == .unknown
        ? "it is not known whether the server carried the request out: check before you continue" : "",
      outcome: outcome, sqlState: report.sqlState)
  }

  /// By the error classes in appendix A of PostgreSQL's documentation.
  static func code(of sqlState: String) -> DriverFailure.Code {
    switch sqlState {
    case "25006", "42501": return .denied
    case "3D000", "57P04": return .notFound
    case "55P03", "55006", "40P01", "40001": return .busy
    case "57014": return .cancelled
    case "25P03", "25P04", "57P05": return .timeout
    case "40002", "44000": return .constraint
    case "XX001", "XX002": return .corrupt
    default: break
    }
    switch sqlState.prefix(2) {
    case "08", "53", "57", "58": return .io
    case "0A": return .unsupported
    case "0L", "0P": return .denied
    case "23": return .constraint
    case "28": return .auth
    default: return .sql
    }
  }

  private static func hint(for sqlState: String) -> String {
    switch sqlState {
    case "55P03": "another session holds a lock: wait for it to end, or end it"
    case "53100": "make room on the server's disk"
    case "25006": "the connection, the role, the database or the server (a standby) is read-only"
    case "42501": "grant the privilege to the role in the URL, or use another role"
    case "XX001", "XX002": "restore the damaged object from a backup; pg_amcheck shows more"
    default: ""
    }
  }

  /// PostgreSQL counts characters from 1.
  static func byteOffset(ofCharacter position: Int, in sql: String) -> Int? {
    guard position > 0 else { return nil }
    let scalars = sql.unicodeScalars
    let index = scalars.index(scalars.startIndex, offsetBy: position - 1, limitedBy: scalars.endIndex)
    return index.map { sql.utf8.distance(from: sql.startIndex, to: $0) }
  }
}
