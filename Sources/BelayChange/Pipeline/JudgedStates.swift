import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns

/// What a part that says nothing of its statements is judged by: the database before it and after it.
package struct JudgedStates {
  package let context: RunContext
  package let before: DatabaseState
  package let after: DatabaseState
  package let isOnTarget: Bool
  /// What the same change did to a copy; nil: this is the copy, or there was no rehearsal.
  package let rehearsed: Rehearsed?
  /// The rows of a table that are gone or changed since the backup; nil: there is nothing to compare with.
  package let compare: (Rebuild) throws(BelayError) -> RebuiltRows?

  package struct Rehearsed {
    package let before: DatabaseState
    package let deltas: [TableDelta]
  }
}

extension ChangeApplication {
  func judged(
    _ before: DatabaseState, _ after: DatabaseState, on connection: Connection
  ) -> JudgedStates {
    JudgedStates(
      context: context, before: before, after: after, isOnTarget: isOnTarget,
      rehearsed: rehearsal.flatMap { outcome in
        outcome.before.map { JudgedStates.Rehearsed(before: $0, deltas: outcome.record.deltas) }
      },
      compare: { (rebuild) throws(BelayError) in try self.comparedRows(rebuild, before: before, on: connection) })
  }
}
