import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// Drops copies of tables, those that a person names or those whose time is over. A table that is not recorded, or that
/// somebody has changed since it was copied, may be needed for something else, and is left.
struct CopyRemoval {
  let connection: Connection
  let context: RunContext
  /// The name in belay.yaml of the database, or its URL without secrets.
  let target: String
  /// false: only show what would be dropped.
  let confirmed: Bool
  let now: Date

  /// - Throws: `.refused` where one was changed: then none is dropped.
  func drop(_ names: [String]) throws(BelayError) -> RunResult {
    try inTransaction { () throws(BelayError) in
      let recorded = try RecordedCopies(on: connection, context: context)
      var chosen: [TableCopy] = []
      for name in names {
        let copy = try recorded.copy(named: name)
        if !chosen.contains(copy) { chosen.append(copy) }
      }
      var lines: [String] = []
      for copy in chosen {
        if let reason = try reasonToKeep(copy, in: recorded) {
          throw BelayError(.refused, "\(copy.name) \(reason.words)", hint: reason.hint, state: "nothing was dropped")
        }
        lines.append(try drop(copy, recorded))
      }
      return RunResult(.done, summary(chosen.count), output: lines)
    }
  }

  func prune() throws(BelayError) -> RunResult {
    try inTransaction { () throws(BelayError) in
      let recorded = try RecordedCopies(on: connection, context: context)
      var lines: [String] = []
      var (dropped, left) = (0, 0)
      for copy in recorded.copies {
        guard recorded.table(of: copy) == nil || copy.isExpired(at: now) else {
          tell(copy, .kept)
          lines.append("keep    \(copy.name)  " + (copy.expiresAt.map { "until \($0)" } ?? "until it is dropped"))
          continue
        }
        if let reason = try reasonToKeep(copy, in: recorded) {
          left += 1
          tell(copy, reason.isChange ? .changed : .expired)
          lines.append("left    \(copy.name)  its time is over, but it \(reason.words)")
          continue
        }
        dropped += 1
        lines.append(try drop(copy, recorded))
      }
      var result = RunResult(.done, dropped == 0 ? "nothing to drop in \(target)" : summary(dropped), output: lines)
      if left > 0 {
        result.add(
          warning: "\(left == 1 ? "1 copy was" : "\(left) copies were") left, though "
            + "\(left == 1 ? "its" : "their") time is over")
      }
      return result
    }
  }

  private func inTransaction(_ body: () throws(BelayError) -> RunResult) throws(BelayError) -> RunResult {
    guard confirmed else { return try body() }
    return try CopyTransaction(connection, context: context).run("cannot drop copies of tables", seeing: .latest, body)
  }

  private func summary(_ count: Int) -> String {
    let what = count == 1 ? "1 copy" : "\(count) copies"
    return confirmed ? "dropped \(what) in \(target)" : "would drop \(what) in \(target); to do it: add --confirm"
  }

  /// Why a copy stays.
  private struct Reason {
    let words: String
    let hint: String
    let isChange: Bool
  }

  /// One that is gone already can only be forgotten.
  private func reasonToKeep(_ copy: TableCopy, in recorded: RecordedCopies) throws(BelayError) -> Reason? {
    guard let table = recorded.table(of: copy) else { return nil }
    if let user = recorded.catalog.users(of: table).first {
      return Reason(
        words: "is used by \(user.kind) \(user.label), which would break or lose rows",
        hint: "drop that first, if nobody needs it any more", isChange: false)
    }
    if confirmed { try lock(copy) }
    guard try recorded.isUnchanged(copy, on: connection, context: context) else {
      return Reason(
        words: "is not as it was copied: somebody has changed it",
        hint: "if nobody needs it any more, drop it with SQL; `belay snapshot-table --drop` then forgets it",
        isChange: true)
    }
    return nil
  }

  /// Keeps others from writing to it until the end of the transaction. SQL has no statement for that, but a table that gets a
  /// column is nobody else's in every engine that lets others write at all.
  private func lock(_ copy: TableCopy) throws(BelayError) {
    guard !connection.traits.isExclusive else { return }
    let traits = connection.traits
    do {
      _ = try connection.execute(
        "ALTER TABLE \(traits.quoted(schema: copy.name.schema, name: copy.name.name)) "
          + "ADD COLUMN \(traits.quoted("belay_locked")) INTEGER",
        operation: context.stoppable("waiting for \(copy.name)", waitsForLocks: true))
    } catch {
      throw BelayError(error, doing: "cannot lock \(copy.name)", kind: .failed)
    }
  }

  /// - Returns: what is done, in a line.
  private func drop(_ copy: TableCopy, _ recorded: RecordedCopies) throws(BelayError) -> String {
    let table = recorded.table(of: copy)
    if confirmed {
      if let table, let statement = table.object.dropStatement(connection.traits) {
        do {
          _ = try connection.execute(
            statement, operation: context.stoppable("dropping \(copy.name)", waitsForLocks: true))
        } catch {
          throw BelayError(error, doing: "cannot drop \(copy.name)", kind: .failed)
        }
      }
      try CopyLedger(on: connection, context: context).remove(copy)
    }
    tell(copy, confirmed ? .dropped : table == nil ? .gone : copy.isExpired(at: now) ? .expired : .kept)
    let verb = table == nil ? "forget" : "drop"
    return
      "\(verb.padding(toLength: 6, withPad: " ", startingAt: 0))  \(copy.name)  \(Counted.rows(copy.state.rows)) of "
      + "\(copy.table), made at \(copy.madeAt)" + (table == nil ? "; the table is gone already" : "")
  }

  private func tell(_ copy: TableCopy, _ state: TableCopyStatus.State) {
    context.narrator.tell(.tableCopy(TableCopyStatus(copy, in: target, state)))
  }
}
