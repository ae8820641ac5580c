import BelayArchive
import BelayBase
import BelayChange
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// `belay rollback ID --plan`: what a rollback would do, and what of the present state it would take away. Reads only.
struct ShownRollback {
  let context: RunContext
  let access: TargetAccess
  let entry: ArchiveEntry
  let reader: ArchiveReader

  func result() throws(BelayError) -> RunResult {
    let connection = try access.open(readOnly: true, scratch: nil, operation: context.opening())
    defer { connection.close() }
    guard reader.manifest.target.identity == connection.traits.identity else {
      throw BelayError(
        .refused, "archive \(entry.id) belongs to another database: \(reader.manifest.target.identity)",
        hint: "to restore it elsewhere: belay restore \(entry.id) --into URL", state: "nothing was changed")
    }
    let backup = try DatabaseState.recorded(in: reader)
    let present = try StateReader(context: context, what: "reading the current state").read(connection)
    let losses = Losses(present: present, backup: backup)
    guard !losses.differences.isEmpty else {
      return RunResult(
        .done, "\(access.redactedURL) already equals \(entry.id)", archive: entry.id,
        output: ["\(access.redactedURL) already equals \(entry.id)"])
    }
    let plan = RollbackPlan(
      entry, reader.manifest, through: connection, seconds: seconds, isOneTransaction: nil,
      tables: losses.tables.sorted().map {
        RollbackPlan.Table(
          table: $0.description, rows: backup.tables[$0]?.rows, changed: present.tables[$0]?.rows)
      }, lost: losses.lines,
      command: (["belay", "rollback", entry.id] + context.settings.repeatedOptions).joined(separator: " "))
    return RunResult(.done, "nothing was changed", archive: entry.id).printing(plan.text)
  }

  /// As they were measured when the archive was made, or proven later.
  private var seconds: ProofSeconds {
    let proofs = context.store.runs.proofs(of: entry.id, manifest: reader.manifestSHA256).proofs
    return ProofSeconds(
      backup: proofs.compactMap(\.backupSeconds).last, restore: proofs.compactMap(\.restoreSeconds).last)
  }
}
