import BelayDrivers

extension Traits {
  /// `?, ?, ?` or `$1, $2, $3`.
  package func placeholders(_ count: Int) -> String {
    (1...max(1, count)).map(parameter).joined(separator: ", ")
  }
}
