import BelayDriverKit

/// What was being done when something failed: from this follows what a lost connection means for the database.
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

  /// The connection was lost while the server was working on it. The server rolls back what it has not committed, but
  /// it is not known whether it had committed.
  var outcomeIfLost: DriverFailure.Outcome {
    inTransaction && !LeadingWords(sql).commits ? .notApplied : .unknown
  }
}
