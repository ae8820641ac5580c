import BelayDrivers

/// What a rule is about. A driver that claims an extension is held to the rules of its area.
package enum Area: String, Codable, Sendable, CaseIterable {
  case load, open, values, failures, catalog, transactions
  case script, snapshot, rows, token, scratch, rewind, atomic, lock, sessions, explain, lint, integrity, preflight
  case footprint, reset, surroundings
  /// From load to close, seen from outside.
  case life

  /// The extension that the area's rules need; nil for what every driver has.
  var needed: DriverExtension? { DriverExtension.allCases.first { $0.name == rawValue } }
}
