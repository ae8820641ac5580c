import BelayBase
import BelayChange
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import Foundation
import SystemPackage

/// `belay journal drizzle`: writes drizzle-kit's list of its files, with the moments that the ledger has, and the hashes that
/// the ledger lacks.
package struct RepairJournal {
  let context: RunContext
  package let access: TargetAccess
  package let request: JournalRequest

  package func run() -> RunResult {
    do throws(BelayError) {
      let repaired = try look()
      for finding in repaired.findings { context.narrator.tell(.finding(finding)) }
      let folder = context.settings.migrations.folder
      let hashes = repaired.missingHashes
      if request.plan { return planned(repaired, folder.string) }
      if let file = repaired.file {
        let path = try MigrationFiles(settings: context.settings.migrations).put(file, replacing: repaired.was)
        context.log(.notice, "wrote \(path): \(repaired.changes.joined(separator: "; "))")
      }
      guard let change = repaired.hashes else {
        let isWarning = repaired.findings.contains { $0.severity == .warning }
        return RunResult(
          isWarning ? .doneWithWarnings : .done,
          repaired.file == nil ? "the journal of \(folder) is right" : "wrote the journal of \(folder)",
          output: repaired.changes)
      }
      context.log(.notice, "the ledger lacks \(hashes) \(hashes == 1 ? "hash" : "hashes")")
      return try RunStart(context: context, access: access).carryOut(.adopt, label: access.target.name ?? "journal") {
        run in ChangePipeline(run: run, change: change, options: ChangeOptions(rehearses: request.rehearse))
      }
    } catch {
      return RunResult(failure: error)
    }
  }

  private func look() throws(BelayError) -> RepairedJournal {
    let connection = try access.open(readOnly: true, scratch: nil, operation: context.opening())
    defer { connection.close() }
    return try RepairedJournal(on: connection, context: context, now: Date())
  }

  private func planned(_ repaired: RepairedJournal, _ folder: String) -> RunResult {
    let hashes = repaired.missingHashes
    let parts =
      [repaired.file == nil ? "the journal of \(folder) is right" : "would write the journal of \(folder)"]
      + (hashes > 0 ? ["would write \(hashes) \(hashes == 1 ? "hash" : "hashes") into the ledger"] : [])
    return RunResult(.done, parts.joined(separator: "; "), output: repaired.changes)
  }
}
