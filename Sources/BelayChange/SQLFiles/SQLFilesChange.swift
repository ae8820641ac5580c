import BelayBase
import BelayDatabase
import BelayDrivers

/// The pending migrations of a folder, as a change. What must not run is found while it is read, all at once.
package struct SQLFilesChange: Change {
  private let context: RunContext
  private let request: MigrateRequest

  package init(context: RunContext, request: MigrateRequest) {
    self.context = context
    self.request = request
  }

  package func plan(on connection: Connection, catalog: Catalog) throws(BelayError) -> ChangePlan {
    let selection = try MigrationSelection(request, on: connection, catalog: catalog, context: context)
    let (history, pending) = (selection.history, selection.pending)
    let reading = FileReading(connection: connection, context: context, rules: selection.rules)
    let planned = try reading.planned(pending.files, allowLoss: request.allowLoss, catalog: catalog)
    let steps = ChangeStep.steps(
      of: planned.files, traits: connection.traits, runsAtomically: try runsAtomically(connection), history: history,
      catalog: catalog)
    var plan = ChangePlan(
      steps: steps, noun: isDown ? "down migration" : "migration", receipts: history.receipts,
      ledgers: history.ownTables,
      leftOut: pending.skipped.map(\.line), findings: pending.findings + planned.findings)
    plan.lock = selection.lock
    return plan
  }

  private var isDown: Bool { request.down != nil || request.downTo != nil }

  /// The ledger of the copy must say so of every file.
  package func confirmDone(_ plan: ChangePlan, on copy: Connection) throws(BelayError) {
    guard let part = plan.parts.first as? SQLFilePart else { return }
    let catalog: Catalog
    do {
      catalog = try copy.catalog(operation: context.stoppable())
    } catch {
      throw BelayError(error, doing: "cannot read the schema of the copy", kind: .failed)
    }
    let files = plan.parts.compactMap { ($0 as? SQLFilePart)?.file }
    guard
      let missing = try part.history.firstUnrecorded(of: files, copy, catalog: catalog, context: context)?.name
    else { return }
    let ledger = part.history.tables.subtracting([part.history.receipts.table]).first ?? part.history.receipts.table
    throw BelayError(
      .migrationFailed,
      "after the rehearsal the ledger does not say that \(missing) has run: a second run would run it again",
      hint: "does the migration itself write to \(ledger)?")
  }

  private func runsAtomically(_ connection: Connection) throws(BelayError) -> Bool {
    do {
      return try connection.support(for: .atomic) == .available
    } catch {
      throw BelayError(
        error, doing: "cannot ask the driver how a file can be run", kind: .refused,
        state: "the database is untouched")
    }
  }
}
