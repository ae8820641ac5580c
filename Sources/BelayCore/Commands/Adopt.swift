import BelayBase
import BelayChange
import BelayDatabase
import BelayRuns
import BelayStore

/// `belay adopt --baseline VERSION`: writes the ledger of a database that has been migrated and has lost it, after it has
/// shown that the database has the schema of that version.
package struct Adopt {
  let context: RunContext
  package let access: TargetAccess
  package let request: AdoptRequest

  package func run() -> RunResult {
    do {
      let start = RunStart(context: context, access: access)
      return try start.carryOut(.adopt, label: access.target.name ?? "adopt") { (run) throws(BelayError) in
        let withRepeated = try SchemaAgreement(run: run, version: request.baseline).check()
        return ChangePipeline(
          run: run, change: BaselineChange(context: context, version: request.baseline, withRepeated: withRepeated),
          options: ChangeOptions(rehearses: request.rehearse))
      }
    } catch {
      return RunResult(failure: error)
    }
  }
}
