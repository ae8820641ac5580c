import BelayBase
import BelayDatabase
import BelayDrivers

/// Migrations that have run before are written into the ledger, and nothing else.
package struct BaselineChange: Change {
  private let context: RunContext
  private let version: String
  /// Also those that run again whenever their text changes.
  private let withRepeated: Bool

  package init(context: RunContext, version: String, withRepeated: Bool) {
    self.context = context
    self.version = version
    self.withRepeated = withRepeated
  }

  package func plan(on connection: Connection, catalog: Catalog) throws(BelayError) -> ChangePlan {
    let baseline = try LostLedger(version, on: connection, catalog: catalog, context: context)
    let folder = baseline.folder
    let files = folder.files + (withRepeated ? folder.repeated : [])
    let runsAtomically: Bool
    do {
      runsAtomically = try connection.support(for: .atomic) == .available
    } catch {
      throw BelayError(
        error, doing: "cannot ask the driver how the ledger can be written", kind: .refused,
        state: "the database is untouched")
    }
    let steps = ChangeStep.steps(
      of: files.map(PlannedFile.recorded), traits: connection.traits, runsAtomically: runsAtomically,
      history: folder.history, catalog: catalog)
    var plan = ChangePlan(
      steps: steps, noun: "migration", receipts: folder.history.receipts, ledgers: folder.history.ownTables)
    plan.words = ChangeWords(
      deed: "mark", done: "marked", what: "\(plan.count) as applied", place: "in",
      again: "belay adopt --baseline \(version.shellWord)")
    plan.lock = baseline.lock
    return plan
  }
}
