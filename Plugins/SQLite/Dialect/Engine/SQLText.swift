import BelayDriverKit
import CSQLite

/// SQL text with a NUL at its end. Without the NUL, SQLite copies the whole rest of a script for each of its
/// statements.
package struct SQLText {
  private let bytes: ContiguousArray<CChar>

  package init(_ sql: String) throws(DriverFailure) {
    let bytes = sql.utf8CString
    if let stray = bytes.firstIndex(of: 0), stray < bytes.count - 1 {
      throw DriverFailure(.sql, "the SQL text contains a NUL byte", sqlOffset: stray)
    }
    self.bytes = bytes
  }

  /// In bytes.
  package var count: Int { bytes.count - 1 }

  /// Compiles the statement at a byte offset.
  /// - Returns: the statement, which the caller finalises, or nil if there is only whitespace; where the next one
  ///   starts;
  ///   SQLite's code.
  package func compile(at offset: Int, in database: Database) -> (compiled: OpaquePointer?, end: Int, code: Int32) {
    bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return (nil, 0, SQLITE_OK) }
      var compiled: OpaquePointer?
      var tail: UnsafePointer<CChar>?
      let code = sqlite3_prepare_v3(database.handle, base + offset, -1, 0, &compiled, &tail)
      return (compiled, tail.map { $0 - base } ?? count, code)
    }
  }

  /// Compiles text that holds one statement.
  package func onlyStatement(in database: Database) throws(DriverFailure) -> Statement {
    let (compiled, end, code) = compile(at: 0, in: database)
    guard code == SQLITE_OK else { throw database.failure(code) }
    guard let compiled else { throw DriverFailure(.sql, "the statement is empty") }
    let statement = Statement(compiled, database)
    // Comments may follow. Anything else is too much, even if it does not compile.
    let (extra, _, extraCode) = compile(at: end, in: database)
    sqlite3_finalize(extra)
    guard extra == nil, extraCode == SQLITE_OK else {
      throw DriverFailure(.invalid, "there is more than one statement", sqlOffset: end)
    }
    return statement
  }
}
