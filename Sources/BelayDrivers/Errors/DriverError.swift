import BelayABI

/// A call into a driver failed. What it did to the database stands in `outcome`: automatic rollback depends on it.
package struct DriverError: Error, Sendable, Equatable {
  package typealias Code = FailureCode
  package typealias Outcome = FailureOutcome

  package var code: Code
  package var outcome: Outcome
  package var sqlState: String?
  /// The engine's own number; 0 where there is none.
  package var vendorCode: Int64
  /// The byte of the statement where the error stands; nil where unknown.
  package var sqlOffset: Int?
  /// Of several statements that run as one: the index of the one that failed; nil where unknown.
  package var statement: Int?
  package var message: String
  package var hint: String?

  package init(
    _ code: Code, outcome: Outcome = .notApplied, sqlState: String? = nil, vendorCode: Int64 = 0,
    sqlOffset: Int? = nil, statement: Int? = nil, message: String, hint: String? = nil
  ) {
    self.code = code
    self.outcome = outcome
    self.sqlState = sqlState
    self.vendorCode = vendorCode
    self.sqlOffset = sqlOffset
    self.statement = statement
    self.message = message
    self.hint = hint
  }
}

extension DriverError: CustomStringConvertible {
  package var description: String { "\(message) (\(code), \(outcome))" }
}
