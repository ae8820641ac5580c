import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// A COMMIT whose answer never came: did it take effect? The ledger tells, whose rows are in the same transaction.
package struct LostCommit {
  package let context: RunContext
  package let runID: String
  /// As it is configured.
  package let ledger: String?
  /// The files of the transaction.
  package let files: [String]
  /// Opens a connection that Ctrl+C does not stop. Called again and again: the server may be starting anew.
  package let open: () throws(BelayError) -> Connection

  package init(
    context: RunContext, runID: String, ledger: String?, files: [String],
    open: @escaping () throws(BelayError) -> Connection
  ) {
    self.context = context
    self.runID = runID
    self.ledger = ledger
    self.files = files
    self.open = open
  }

  /// Asks until the database answers, and nobody is at work on these rows any more.
  /// - Throws: it cannot be found out within a minute.
  package func tookEffect() throws(BelayError) -> Bool {
    let deadline = ContinuousClock.now + Self.patience
    var pause = 0.1
    while true {
      do {
        return try look()
      } catch {
        guard ContinuousClock.now < deadline else { throw error }
        context.log(.info, "whether COMMIT took effect is not known yet: \(error.causes.first ?? error.message)")
        Thread.sleep(forTimeInterval: pause)
        pause = min(pause * 2, 2)
      }
    }
  }

  /// A server that was killed has to go through its log before it lets anybody in.
  private static var patience: Duration { .seconds(60) }

  private func look() throws(BelayError) -> Bool {
    let connection = try open()
    defer { connection.close() }
    let catalog: Catalog
    do {
      catalog = try connection.catalog(operation: context.unstoppable())
    } catch {
      throw BelayError(error, doing: "cannot read the schema", kind: .notRolledBack)
    }
    let table = Ledger(configured: ledger, context: context, traits: connection.traits, catalog: catalog).table
    let exists = catalog.objects.contains { $0.kind == "table" && $0.name == table }
    do {
      try waitForOthers(connection, table, exists)
    } catch {
      throw BelayError(error, doing: "cannot ask the ledger \(table)", kind: .notRolledBack)
    }
    // Read only now: it may have come to be meanwhile.
    let own = try Ledger.files(of: runID, configured: ledger, connection, context)
    return Set(own).isSuperset(of: files)
  }

  /// The server need not have noticed that the connection is gone, and may still be at that COMMIT: then nothing of it can
  /// be seen, and a moment later it is there. Who writes the same row has to wait for it; what is written is rolled back.
  private func waitForOthers(
    _ connection: Connection, _ name: String, _ exists: Bool
  ) throws(DriverError) {
    let traits = connection.traits
    guard traits.hasTransactionalDDL, let file = files.first else { return }
    let table = traits.quoted(name)
    func execute(_ sql: String) throws(DriverError) {
      _ = try connection.execute(sql, operation: context.unstoppable())
    }
    try execute(traits.begin)
    do {
      if exists {
        let name = "'" + file.replacing("'", with: "''") + "'"
        try execute(
          "INSERT INTO \(table) (name, sha256, applied_at, run_id, duration_ms) VALUES (\(name), '', '', '', 0)")
      } else {
        try execute("CREATE TABLE \(table) (name VARCHAR(255))")
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
