import BelayABI
import BelayText

/// A call into a driver failed. `outcome` says what it did to the database: automatic rollback depends on it.
package struct DriverError: Error, Sendable, Equatable {
  package typealias Code = FailureCode
  package typealias Outcome = FailureOutcome

  package var code: Code
  package var outcome: Outcome
  package var sqlState: String?
  /// The engine's own number; 0 if there is none.
  package var vendorCode: Int64
  /// The offset of the error in the statement, in bytes; nil if unknown.
  package var sqlOffset: Int?
  /// If several statements were run as a unit: the index of the one that failed; nil if unknown.
  package var statement: Int?
  package var message: String
  package var hint: String?
  /// The function that failed; nil if none was called.
  package var call: String?
  /// The SQL text that it was given; nil if it takes none.
  package var sql: String?

  package init(
    _ code: Code, outcome: Outcome = .notApplied, sqlState: String? = nil, vendorCode: Int64 = 0,
    sqlOffset: Int? = nil, statement: Int? = nil, message: String, hint: String? = nil, call: String? = nil,
    sql: String? = nil
  ) {
    self.code = code
    self.outcome = outcome
    self.sqlState = sqlState
    self.vendorCode = vendorCode
    self.sqlOffset = sqlOffset
    self.statement = statement
    self.message = message
    self.hint = hint
    self.call = call
    self.sql = sql
  }
}

extension DriverError {
  /// A driver, and the library beneath it, may quote what it could not read of a URL.
  func hiding(_ url: RedactedURL) -> DriverError {
    var hidden = self
    hidden.message = url.hide(in: message)
    hidden.hint = hint.map(url.hide)
    return hidden
  }
}

extension DriverError: CustomStringConvertible {
  package var description: String { "\(message) (\(code), \(outcome))" }
}
