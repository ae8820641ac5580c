import BelayArchive
import BelayBase

/// One line of a run's journal: what is about to be done, or has been. Recovery reads these and nothing else to learn
/// what a dead run left behind.
///
/// A step ending in `-ing` is written and synced before the act; one in the past tense after it has taken effect.
package enum Step: Codable, Sendable, Equatable {
  case began(RunRecord)
  /// From here files may lie in the run's staging folder and under the archive's `.partial` name.
  case backingUp(archive: String)
  case backedUp(archive: String)
  case verified(archive: String, level: VerificationLevel)
  /// From here the scratch database of that name may exist.
  case creatingScratch(name: String, url: String)
  case droppedScratch(name: String)
  /// The scratch of that name is about to be swapped in: from here what was in the target before may lie under its URL.
  /// Whether it does is found out by looking: nobody writes to a scratch, so it equals the archive until the swap.
  case keepingPrevious(name: String, url: String, until: String)
  /// It does lie there, or, where not `swapped`, may: nobody could find out. Not to be dropped before that moment.
  /// `droppedScratch` ends it, also after `ended`.
  case keptPrevious(name: String, url: String, until: String, swapped: Bool)
  /// What lies there is in that archive.
  case savedPrevious(name: String, archive: String)
  case rehearsing
  case rehearsed
  /// From here belay's lock in the database may be held.
  case locking
  /// These sessions of others are about to be ended.
  case endingSessions([String])
  /// A step of the change, one of `of`, is about to run on the target.
  /// - Parameter receipts: the table in the target that says afterwards which parts took effect; nil: none does.
  case applying(step: Int, of: Int, parts: [String], transactional: Bool, receipts: String?)
  /// Only outside a transaction, where each statement takes effect by itself.
  case statement(step: Int, part: String, index: Int)
  /// What that step does, or has done before it failed, writes no rows: those that differ are others'.
  case wroteNoRows(step: Int)
  /// If that step writes rows, it is those of these tables.
  case writesOnly(step: Int, tables: [TableName])
  /// All checks have passed inside the transaction; COMMIT comes next.
  case committing(step: Int)
  case committed(step: Int)
  /// The last step ran outside a transaction, and the checks after it have passed.
  case checked
  /// A later step failed and left nothing behind; so many steps before it stay, by choice.
  case stopped(step: Int)
  /// The engine's bookmark of the moment before the first statement.
  case marked(bookmark: String)
  /// The engine is about to go back to a bookmark; from then on another one leads to the state before that.
  /// - Parameter since: when that other one was taken, in milliseconds since 1970; nil: an older belay has written this.
  case rewinding(to: String, undo: String, since: Int64? = nil)
  /// It did, and says itself what undoes it.
  case rewound(undo: String)
  /// Nobody saw its answer: one of these leads to the state right before it. Oldest first.
  case rewoundUnseen(undos: [String])
  /// A rollback method is about to be tried.
  case rollingBack(method: RollbackMethod, archive: String)
  case rolledBack(method: RollbackMethod)
  case proven
  /// Rows are about to be written to a database that was new or empty, or to one table of it.
  case restoring(archive: String, url: String, table: String?)
  case restored
  /// - Parameter failure: nil: it did what it was asked for.
  case ended(status: ExitStatus, summary: String, failure: BelayError.Kind?)
}

extension Step {
  package var isStop: Bool { if case .stopped = self { true } else { false } }
  package var isEnd: Bool { if case .ended = self { true } else { false } }
}
