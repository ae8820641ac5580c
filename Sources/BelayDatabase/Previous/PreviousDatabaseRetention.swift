import BelayBase
import BelayDrivers
import BelayStore
import Foundation

/// Drops the previous databases whose time is over, and copies that were left behind. Under the target's lock: nobody else
/// writes to the journals of its runs.
package struct PreviousDatabaseRetention {
  package let context: RunContext
  package let identity: String

  package init(context: RunContext, identity: String) {
    self.context = context
    self.identity = identity
  }

  /// - Parameters:
  ///   - connection: to the target.
  ///   - excluding: a run whose journal is in use.
  /// - Returns: those dropped.
  @discardableResult
  package func apply(through connection: Connection, excluding: String? = nil) -> [PreviousDatabase] {
    let now = Date()
    do {
      return try context.store.runs.previousDatabases(of: identity)
        .filter { $0.run.id != excluding && $0.isOver(at: now) }
        .filter { drop($0, through: connection) }
    } catch {
      context.log(.warning, "whether previous databases are to be dropped is not known: \(error.message)")
      return []
    }
  }

  /// What cannot be dropped is only said, and tried again by the next run.
  private func drop(_ previous: PreviousDatabase, through connection: Connection) -> Bool {
    do {
      let url = try connection.locateScratch(name: previous.name, operation: context.unstoppable())
      try connection.dropScratch(url, operation: context.unstoppable())
      try context.store.runs.noteDropped(previous)
      context.log(
        .notice,
        "dropped the \(previous.kind) \(previous.url) of run \(previous.run.id)"
          + (previous.isCopy ? "" : ": it had expired"))
      return true
    } catch {
      context.log(.warning, "the \(previous.kind) \(previous.url) could not be dropped: \(error)")
      return false
    }
  }
}
