import BelayArchive
import Synchronization

/// What the rehearsal of a command has shown, and what a person has agreed to: the run on the target is held against it.
final class CommandMemory: Sendable {
  struct Content: Sendable {
    /// Tables that were there before, and whose rows it wrote; nil: it was not rehearsed.
    var written: Set<TableName>?
    /// It has dropped tables with rows in them.
    var hasDropped = false
    /// A person has seen what is lost, and said yes.
    var isAgreed = false
  }

  private let content = Mutex(Content())

  var now: Content { content.withLock { $0 } }

  func note(_ change: @Sendable (inout Content) -> Void) { content.withLock { change(&$0) } }
}
