import BelayBase

/// What preflight looks at, one after the other.
package enum PreflightArea: Sendable, CaseIterable {
  /// On the disks of the store and of the database.
  case room
  /// What the user may do, and whatever else the engine knows that would make a run fail.
  case rights
  case integrity, sessions, migrations, copy, checks

  /// Sees what was found in one of them, right after it was looked at.
  package typealias Observer = (PreflightArea, Result<[Finding], BelayError>) -> Void

  /// Looks, and tells the observer.
  package func examine(
    _ observer: Observer, _ look: () throws(BelayError) -> [Finding]
  ) throws(BelayError) -> [Finding] {
    let found = Result { () throws(BelayError) in try look() }
    observer(self, found)
    return try found.get()
  }
}
