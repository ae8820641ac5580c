import BelayBase
import BelayDatabase
import BelayDrivers

/// One instant of the target, for as long as a backup reads: a token that connections share, else a transaction, else
/// nothing, and then the manifest says so.
package struct SharedView {
  let token: String?
  package let notes: [String]
  /// The engine's own bookmark of the instant; nil: it has none.
  package private(set) var bookmark: String?
  private let connection: Connection
  private let context: RunContext
  private let inTransaction: Bool
  private var isOver = false

  init(_ connection: Connection, context: RunContext) throws(BelayError) {
    self.connection = connection
    self.context = context
    do {
      if let token = try connection.acquireToken(operation: context.stoppable("copying")) {
        self.token = token
        notes = []
        inTransaction = false
      } else if connection.traits.hasStableRead, connection.traits.hasTransactions {
        token = nil
        notes = ["read in one transaction"]
        inTransaction = true
        _ = try connection.execute(connection.traits.begin, operation: context.stoppable())
      } else {
        token = nil
        notes = [
          "this driver has no consistent view: rows written during the backup may be in one table and missing in another"
        ]
        inTransaction = false
      }
    } catch {
      throw BelayError(error, doing: "cannot get a consistent view to back up", kind: .backupFailed)
    }
    guard token != nil else { return }
    do {
      bookmark = try connection.markPresent(operation: context.stoppable())
    } catch {
      context.log(.warning, "the engine's bookmark for this backup is not known: \(error.message)")
    }
  }

  /// Back to the present, once. A failure here leaves a view behind that ends with the connection.
  package mutating func end() {
    guard !isOver else { return }
    isOver = true
    do {
      if token != nil {
        try connection.releaseToken(operation: context.unstoppable())
      } else if inTransaction {
        _ = try connection.execute(connection.traits.rollback, operation: context.unstoppable())
      }
    } catch {
      context.log(.debug, "releasing the view: \(error.message)")
    }
  }
}
