import BelayDriverKit
import CSQLite

extension Database {
  /// Runs one statement of others, which may only read, and passes its rows to the host.
  package func query(_ sql: String, parameters: Parameters?, into rows: RowWriter) throws(DriverFailure) {
    try readingOnly { (reading) throws(DriverFailure) in
      let statement = try SQLText(sql).onlyStatement(in: self)
      try reading.check(statement)
      try pass(statement, parameters, to: rows)
    }
  }

  private func pass(
    _ statement: borrowing Statement, _ parameters: Parameters?, to rows: RowWriter
  ) throws(DriverFailure) {
    if let parameters, parameters.rowCount > 0 { try statement.bind(parameters, row: 0) }
    // The first step comes before the columns: in it, SQLite compiles again if the schema has changed meanwhile.
    var hasRow = try statement.step()
    let reader = RowReader(statement.handle, storesUTF8: try storesUTF8)
    try rows.columns(reader.columns)
    while hasRow {
      try reader.read(into: rows)
      try rows.endRow()
      hasRow = try statement.step()
    }
  }
}

extension Database {
  /// The file stores text as UTF-8, not UTF-16.
  package var storesUTF8: Bool {
    get throws(DriverFailure) { try text("PRAGMA encoding") == "UTF-8" }
  }
}

/// Reads the rows of a running statement.
package struct RowReader {
  private let statement: OpaquePointer
  private let columnCount: Int32
  /// If true, text is used as it is stored, valid or not, without a copy.
  private let storesUTF8: Bool
  /// Values larger than this are lent to the host instead of copied, which is cheaper.
  private let lendingThreshold = 32 << 10

  package init(_ statement: OpaquePointer, storesUTF8: Bool) {
    self.statement = statement
    self.storesUTF8 = storesUTF8
    columnCount = sqlite3_column_count(statement)
  }

  package var columns: [ResultColumn] {
    (0..<columnCount).map { index in
      let name = sqlite3_column_name(statement, index).map { String(cString: $0) } ?? ""
      let type = sqlite3_column_decltype(statement, index).map { String(cString: $0) } ?? ""
      return ResultColumn(name, nativeType: type)
    }
  }

  package func read(into rows: RowWriter) throws(DriverFailure) {
    for column in 0..<columnCount {
      // Asks the value itself instead of the statement for type, content and length. SQLite calls such a value
      // unprotected, because another thread could change it; no other thread uses this connection.
      let value = sqlite3_column_value(statement, column)
      switch sqlite3_value_type(value) {
      case SQLITE_INTEGER: rows.integer(sqlite3_value_int64(value))
      case SQLITE_FLOAT: rows.real(sqlite3_value_double(value))
      case SQLITE_TEXT: try readText(value, into: rows)
      case SQLITE_BLOB: try readBlob(value, into: rows)
      default: rows.null()
      }
    }
  }

  private func readText(_ value: OpaquePointer?, into rows: RowWriter) throws(DriverFailure) {
    let start: UnsafeRawPointer?
    if storesUTF8 {
      start = sqlite3_value_blob(value)
    } else {
      start = sqlite3_value_text(value).map { UnsafeRawPointer($0) }
    }
    let bytes = UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_value_bytes(value)))
    if bytes.count > lendingThreshold { try rows.lendText(bytes) } else { try rows.text(bytes) }
  }

  private func readBlob(_ value: OpaquePointer?, into rows: RowWriter) throws(DriverFailure) {
    let start = sqlite3_value_blob(value)
    let bytes = UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(sqlite3_value_bytes(value)))
    if bytes.count > lendingThreshold { try rows.lendBlob(bytes) } else { try rows.blob(bytes) }
  }
}
