/// A number that an engine moves on outside of transactions, such as a sequence's last value.
package struct Counter: Codable, Sendable, Equatable {
  /// What names it, e.g. schema and sequence.
  package var key: [String]
  /// nil: not used yet.
  package var value: Int64?
  /// Its sign tells which way the counter moves; 0: either way.
  package var step: Int64

  package init(key: [String], value: Int64?, step: Int64) {
    self.key = key
    self.value = value
    self.step = step
  }

  /// Whether it stands where an earlier reading of it stood, or has moved on from there.
  package func hasMovedOn(from earlier: Counter) -> Bool {
    guard key == earlier.key, step == earlier.step else { return false }
    guard let before = earlier.value else { return true }
    guard let value else { return false }
    return step == 0 || (step > 0 ? value >= before : value <= before)
  }
}
