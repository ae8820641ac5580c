import BelayDrivers

/// What a rule is about. The rules of an extension's area apply to drivers that have the extension.
package enum Area: String, Codable, Sendable, CaseIterable {
  case load, open, values, failures, catalog, transactions
  case script, snapshot, rows, token, scratch, rewind, atomic, lock, sessions, explain, lint, integrity, preflight
  case footprint, reset, surroundings, archived
  /// From load to close, as seen from outside.
  case life

  /// The extension that the area's rules need; nil for the core.
  var needed: DriverExtension? { DriverExtension.allCases.first { $0.name == rawValue } }
}
