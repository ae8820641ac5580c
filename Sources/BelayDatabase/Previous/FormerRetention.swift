import BelayBase
import BelayDrivers
import BelayStore
import Foundation

/// Drops the former databases whose time is over, and copies that were left behind. Under the target's lock: nobody else writes to the journals of its runs.
package struct FormerRetention {
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
  package func apply(through connection: Connection, excluding: String? = nil) -> [FormerDatabase] {
    let now = Date()
    return context.store.formers()
      .filter { $0.run.identity == identity && $0.run.id != excluding && $0.isOver(at: now) }
      .filter { drop($0, through: connection) }
  }

  /// What cannot be dropped is only said, and tried again by the next run.
  private func drop(_ former: FormerDatabase, through connection: Connection) -> Bool {
    do {
      let url = try connection.locateScratch(name: former.name, operation: context.unstoppable())
      try connection.dropScratch(url, operation: context.unstoppable())
      // Also after the run's end: its journal tells what became of everything that it made.
      try Journal(folder: context.store.runFolder(former.run.id)).write(.droppedScratch(name: former.name))
      context.log(
        .notice,
        "dropped the \(former.kind) \(former.url) of run \(former.run.id)"
          + (former.isCopy ? "" : ": its time was over"))
      return true
    } catch {
      context.log(.warning, "the \(former.kind) \(former.url) could not be dropped: \(error)")
      return false
    }
  }
}
