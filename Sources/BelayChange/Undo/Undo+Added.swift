import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// The method that keeps what others have written, outside a transaction.
extension Undo {
  /// The lightest method where nothing was committed, and all that differs are objects without rows: they are dropped by
  /// name, and what others have written meanwhile stays. nil: that is not so, or did not work.
  /// - Parameter before: nil: what the archive holds.
  package func dropAdded(since before: DatabaseState?, rowsAreOfOthers: Bool = false) -> String? {
    guard run.kind.changesTarget else { return nil }
    do {
      let expected: DatabaseState
      if let before { expected = before } else { expected = try DatabaseState.recorded(in: reader) }
      let present = try StateReader(context: context, what: "reading the current state", stoppable: false)
        .read(run.connection)
      let additions = Additions(
        present: present, since: expected, receipts: receipts, traits: run.connection.traits,
        rowsAreOfOthers: rowsAreOfOthers, reach: reach)
      guard let additions else { return nil }
      try run.journal.write(.rollingBack(method: .added, archive: reader.manifest.id))
      context.phase(.back, target)
      try drop(additions)
      try run.journal.write(.rolledBack(method: .added))
      context.phase(.prove, target)
      let state = try prove(run.connection, equals: expected, othersMayAlter: reach != nil)
      try run.journal.write(.proven)
      guard !additions.objects.isEmpty else { return "nothing of it was applied, and proven: \(state)" }
      return "the objects that it had added are dropped again (\(additions.names)), and proven: \(state)"
    } catch {
      context.log(.warning, "this rollback method failed: \(RollbackMethod.added.words): \(error)")
      return nil
    }
  }

  /// Others may hold a lock for a moment: that is no reason for a method that loses what they write. One by one, for some
  /// run in no transaction, and one that cannot be dropped keeps no other.
  private func drop(_ additions: Additions) throws(DriverError) {
    // Also after a deadlock, which ends the statement's own transaction.
    var failure: DriverError?
    for statement in additions.statements {
      do {
        try context.waitingForLocks("the rollback", limit: RunContext.rollbackPatience, inTransaction: false) {
          () throws(DriverError) in
          _ = try run.connection.execute(statement, operation: context.stoppable())
        }
      } catch {
        failure = failure ?? error
      }
    }
    if let failure { throw failure }
  }
}
