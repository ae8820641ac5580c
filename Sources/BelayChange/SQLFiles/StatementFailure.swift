import BelayBase
import BelayDrivers

/// An error of the engine, placed in the file: which statement, which line, which column.
package struct StatementFailure {
  package let error: DriverError
  let statement: Statement
  package let file: MigrationFile

  var belayError: BelayError {
    let place = position
    let sqlState = error.sqlState.map { ["SQLSTATE \($0)"] } ?? []
    // The engine's own hint goes first; it knows more.
    let hint = error.hint ?? (error.code == .busy ? Self.waitLonger : nil)
    return BelayError(
      .migrationFailed, "\(file.name), line \(place.line): \(error.message)", hint: hint,
      causes: sqlState + [place.excerpt])
  }

  private static let waitLonger =
    "somebody else holds a lock; try again when it is released, or wait longer: `-- belay: lock-timeout 60s`"

  private var position: (line: Int, excerpt: String) {
    let bytes = Array(statement.sql.utf8)
    let offset = min(max(0, error.sqlOffset ?? 0), bytes.count)
    let newline = UInt8(ascii: "\n")
    let line = statement.line + bytes[..<offset].count { $0 == newline }
    let start = bytes[..<offset].lastIndex(of: newline).map { $0 + 1 } ?? 0
    let end = bytes[offset...].firstIndex(of: newline) ?? bytes.count
    let text = String(decoding: bytes[start..<end], as: UTF8.self)
    let isShort = text.count <= 120
    var excerpt = isShort ? text : text.prefix(117) + "…"
    if error.sqlOffset != nil, offset > start, isShort {
      // Tabs stay tabs, so that the mark stands where the eye expects it.
      let before = String(decoding: bytes[start..<offset], as: UTF8.self)
      excerpt += "\n" + before.map { $0 == "\t" ? "\t" : " " }.joined() + "^"
    }
    return (line, excerpt)
  }
}
