import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// A COMMIT whose answer never came: did it take effect? The receipts say so, whose rows are in the same transaction.
package struct LostCommit {
  package let context: RunContext
  package let runID: String
  /// nil: the change leaves none.
  package let receipts: Receipts?
  /// Those of the transaction.
  package let parts: [String]
  /// Opens a connection that Ctrl+C does not stop. Called again and again: the server may be starting anew.
  package let open: () throws(BelayError) -> Connection

  package init(
    context: RunContext, runID: String, receipts: Receipts?, parts: [String],
    open: @escaping () throws(BelayError) -> Connection
  ) {
    self.context = context
    self.runID = runID
    self.receipts = receipts
    self.parts = parts
    self.open = open
  }

  /// Asks until the database answers, and nobody is at work on these rows any more.
  /// - Throws: `.outcomeUnknown`: it cannot be found out within a minute, or by no means.
  package func tookEffect() throws(BelayError) -> Bool {
    guard let receipts else {
      throw BelayError(.outcomeUnknown, "this kind of change leaves no record in the database")
    }
    let deadline = ContinuousClock.now + Self.patience
    var pause = 0.1
    while true {
      do {
        return try look(receipts)
      } catch {
        guard ContinuousClock.now < deadline else { throw error }
        context.log(.info, "it is not known yet whether COMMIT took effect: \(error.causes.first ?? error.message)")
        Thread.sleep(forTimeInterval: pause)
        pause = min(pause * 2, 2)
      }
    }
  }

  /// A server that was killed has to go through its log before it lets anybody in.
  private static var patience: Duration { .seconds(60) }

  private func look(_ receipts: Receipts) throws(BelayError) -> Bool {
    let connection = try open()
    defer { connection.close() }
    let receipts = try receipts.placed(on: connection, context: context)
    let catalog = try Receipts.catalog(connection, context)
    do {
      try waitForOthers(connection, receipts, receipts.exists(in: catalog))
    } catch {
      throw BelayError(error, doing: "cannot query the ledger \(receipts.table)", kind: .outcomeUnknown)
    }
    // Read only now: it may have come to be meanwhile.
    return Set(try receipts.parts(of: runID, connection, context: context)).isSuperset(of: parts)
  }

  /// The server need not have noticed that the connection is gone, and may still be at that COMMIT: then nothing of it can
  /// be seen, and a moment later it is there. Who writes the same row has to wait for it; what is written is rolled back.
  private func waitForOthers(
    _ connection: Connection, _ receipts: Receipts, _ exists: Bool
  ) throws(DriverError) {
    let traits = connection.traits
    guard traits.hasTransactionalDDL, let part = parts.first else { return }
    let statements = receipts.statements(traits)
    func execute(_ sql: String) throws(DriverError) {
      _ = try connection.execute(sql, operation: context.unstoppable())
    }
    try execute(traits.begin)
    do {
      if exists {
        try execute(
          statements.insertion(name: part, sha256: "-", appliedAt: "-", run: "-", milliseconds: 0))
      } else {
        try execute(statements.creation)
      }
    } catch {
      try execute(traits.rollback)
      // That it is there already is an answer, and no failure.
      guard error.code == .constraint || error.code == .sql else { throw error }
      return
    }
    try execute(traits.rollback)
  }
}
