import BelayDriverKit
import CSQLite

/// One compiled statement. It is finalised when it goes out of scope.
package struct Statement: ~Copyable {
  package let handle: OpaquePointer
  package let database: Database

  package init(_ handle: OpaquePointer, _ database: Database) {
    self.handle = handle
    self.database = database
  }

  deinit { sqlite3_finalize(handle) }

  /// Moves to the next row.
  /// - Returns: false at the end.
  package func step() throws(DriverFailure) -> Bool {
    let code = sqlite3_step(handle)
    if code == SQLITE_ROW { return true }
    if code == SQLITE_DONE { return false }
    throw database.failure(code)
  }

  /// The value as a whole number; 0 for NULL.
  package func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(handle, column) }

  /// The value as text; nil for NULL.
  package func text(_ column: Int32) -> String? {
    guard let text = sqlite3_column_text(handle, column) else { return nil }
    let bytes = UnsafeBufferPointer(start: text, count: Int(sqlite3_column_bytes(handle, column)))
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Binds text to a parameter, from 1.
  package func bind(_ text: String, at index: Int) throws(DriverFailure) {
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    var text = text
    let code = text.withUTF8 { utf8 in
      utf8.withMemoryRebound(to: CChar.self) {
        sqlite3_bind_text64(
          handle, Int32(index), $0.baseAddress, UInt64($0.count), transient, UInt8(SQLITE_UTF8))
      }
    }
    guard code == SQLITE_OK else { throw database.failure(code) }
  }

  /// Binds one row of the host's values without copying: they stay valid until the call returns.
  package func bind(_ parameters: Parameters, row: Int) throws(DriverFailure) {
    let wanted = Int(sqlite3_bind_parameter_count(handle))
    guard wanted == parameters.columnCount else {
      throw DriverFailure(.invalid, "the statement has \(wanted) parameters, not \(parameters.columnCount)")
    }
    for column in 0..<wanted {
      let code = bind(parameters[row, column], at: Int32(column + 1))
      guard code == SQLITE_OK else { throw database.failure(code) }
    }
  }

  private func bind(_ value: Parameter, at index: Int32) -> Int32 {
    switch value {
    case .null: return sqlite3_bind_null(handle, index)
    case .bool(let value): return sqlite3_bind_int64(handle, index, value ? 1 : 0)
    case .integer(let value): return sqlite3_bind_int64(handle, index, value)
    case .real(let value): return sqlite3_bind_double(handle, index, value)
    case .text(let bytes), .native(let bytes):
      // A null pointer would bind NULL, but empty text is not NULL.
      guard let base = bytes.baseAddress else { return sqlite3_bind_text(handle, index, "", 0, nil) }
      return sqlite3_bind_text64(
        handle, index, base.assumingMemoryBound(to: CChar.self), UInt64(bytes.count), nil, UInt8(SQLITE_UTF8))
    case .blob(let bytes):
      guard let base = bytes.baseAddress else { return sqlite3_bind_zeroblob(handle, index, 0) }
      return sqlite3_bind_blob64(handle, index, base, UInt64(bytes.count), nil)
    }
  }
}
