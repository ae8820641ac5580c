import BelayDriverKit
import CSQLite

extension SQLiteConnection {
  func query(
    _ sql: String, parameters: Parameters?, operation: Operation, into rows: RowWriter
  ) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      let database = readable
      let statement = try SQLText(sql).onlyStatement(in: database)
      if let parameters, parameters.rowCount > 0 { try statement.bind(parameters, row: 0) }
      // The first step comes before the columns: SQLite compiles anew there if the schema has changed meanwhile.
      var hasRow = try statement.step()
      let reader = RowReader(statement.handle, storesUTF8: try database.storesUTF8)
      try rows.columns(reader.columns)
      while hasRow {
        try reader.read(into: rows)
        try rows.endRow()
        hasRow = try statement.step()
      }
    }
  }
}

extension Database {
  /// Text lies in the file as UTF-8, not UTF-16.
  var storesUTF8: Bool {
    get throws(DriverFailure) { try text("PRAGMA encoding") == "UTF-8" }
  }
}

/// Reads the rows of a running statement.
private struct RowReader {
  let statement: OpaquePointer
  let columnCount: Int32
  /// Then text is taken as it is stored, ill-formed or not, without a copy.
  let storesUTF8: Bool
  /// Above this it is cheaper to hand a value on than to copy it.
  private let lendingThreshold: Int32 = 32 << 10

  init(_ statement: OpaquePointer, storesUTF8: Bool) {
    self.statement = statement
    self.storesUTF8 = storesUTF8
    columnCount = sqlite3_column_count(statement)
  }

  var columns: [RowWriter.Column] {
    (0..<columnCount).map { index in
      let name = sqlite3_column_name(statement, index).map { String(cString: $0) } ?? ""
      let type = sqlite3_column_decltype(statement, index).map { String(cString: $0) } ?? ""
      return RowWriter.Column(name, nativeType: type)
    }
  }

  func read(into rows: RowWriter) throws(DriverFailure) {
    for column in 0..<columnCount {
      switch sqlite3_column_type(statement, column) {
      case SQLITE_INTEGER: rows.integer(sqlite3_column_int64(statement, column))
      case SQLITE_FLOAT: rows.real(sqlite3_column_double(statement, column))
      case SQLITE_TEXT: try readText(column, into: rows)
      case SQLITE_BLOB: try readBlob(column, into: rows)
      default: rows.null()
      }
    }
  }

  private func readText(_ column: Int32, into rows: RowWriter) throws(DriverFailure) {
    let start: UnsafeRawPointer?
    if storesUTF8 {
      start = sqlite3_column_blob(statement, column)
    } else {
      start = sqlite3_column_text(statement, column).map { UnsafeRawPointer($0) }
    }
    let count = sqlite3_column_bytes(statement, column)
    let bytes = UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(count))
    if count > lendingThreshold { try rows.lendText(bytes) } else { try rows.text(bytes) }
  }

  private func readBlob(_ column: Int32, into rows: RowWriter) throws(DriverFailure) {
    let start = sqlite3_column_blob(statement, column)
    let count = sqlite3_column_bytes(statement, column)
    let bytes = UnsafeRawBufferPointer(start: start, count: start == nil ? 0 : Int(count))
    if count > lendingThreshold { try rows.lendBlob(bytes) } else { try rows.blob(bytes) }
  }
}
