/// What becomes of what was committed before, where a later transaction of a change fails.
package enum FailurePolicy: String, Codable, Sendable, CaseIterable {
  /// It stays: the database is as after the last transaction that succeeded.
  case stop
  /// Everything is put back.
  case back
}
