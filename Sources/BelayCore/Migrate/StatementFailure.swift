import BelayDrivers

/// An error of the engine, placed in the file: which statement, which line, which column.
struct StatementFailure {
  let error: DriverError
  let statement: Statement
  let file: MigrationFile

  var belayError: BelayError {
    let place = position
    var causes = [error.message]
    if let sqlState = error.sqlState { causes[0] += " (SQLSTATE \(sqlState))" }
    causes.append(place.excerpt)
    return BelayError(
      .migrationFailed, "\(file.name), line \(place.line): \(error.message)",
      hint: error.hint, causes: Array(causes.dropFirst()))
  }

  private var position: (line: Int, excerpt: String) {
    let bytes = Array(statement.sql.utf8)
    let offset = min(max(0, error.sqlOffset ?? 0), bytes.count)
    let newline = UInt8(ascii: "\n")
    let line = statement.line + bytes[..<offset].count { $0 == newline }
    let start = bytes[..<offset].lastIndex(of: newline).map { $0 + 1 } ?? 0
    let end = bytes[offset...].firstIndex(of: newline) ?? bytes.count
    let text = String(decoding: bytes[start..<end], as: UTF8.self)
    return (line, text.count > 120 ? text.prefix(117) + "…" : text)
  }
}
