import BelayDriverKit

/// What was being done when something failed: it decides what a lost connection has done to the database.
struct Situation {
  /// The text that was sent.
  var sql = ""
  /// Sent within an open transaction.
  var inTransaction = false

  init() {}

  init(_ sql: String, inTransaction: Bool) {
    self.sql = sql
    self.inTransaction = inTransaction
  }

  /// The connection died while the server worked on it. What it had not committed, the server rolls back; nobody knows
  /// whether it had.
  var outcomeIfLost: DriverFailure.Outcome {
    inTransaction && !LeadingWords(sql).commits ? .notApplied : .unknown
  }
}
