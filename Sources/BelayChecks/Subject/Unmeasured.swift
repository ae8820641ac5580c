import BelayBase

/// Why a rule was not measured.
enum Unmeasured: Error {
  /// What it is about is not in the database: so the rule does not hold.
  case missing(String, hint: String?)
  /// It cannot be run at all.
  case broken(BelayError)
}
